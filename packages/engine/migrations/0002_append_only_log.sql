-- The log is append-only, and the database itself holds to it: neither a mistake in a program nor a hand on psql
-- rewrites a fact. Only `position` may be set, once. Appending costs nothing: no trigger runs on INSERT.
CREATE FUNCTION refuse_change_of_log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'order_events is append-only: % is refused', TG_OP
    USING ERRCODE = 'restrict_violation', HINT = 'Append an event that puts it right.';
END $$;

-- Once per statement, by the columns that it names; so numbering, which names only `position`, does not run it.
CREATE TRIGGER order_events_content_is_fixed
  BEFORE UPDATE OF order_id, sequence, type, status, occurred_at, data ON order_events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_log();
CREATE TRIGGER order_events_are_kept
  BEFORE DELETE OR TRUNCATE ON order_events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_log();

-- Once per row, but the function is called only where the condition holds: a position is given from null, and stays.
CREATE TRIGGER order_events_position_is_fixed
  BEFORE UPDATE OF position ON order_events
  FOR EACH ROW WHEN (OLD.position IS NOT NULL OR NEW.position IS NULL)
  EXECUTE FUNCTION refuse_change_of_log();
