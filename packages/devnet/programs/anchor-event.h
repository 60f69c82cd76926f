/*
 * Events as Anchor's emit_cpi! makes them: the program invokes itself with the event as data, signed by an address of its
 * own, so that the event stands among the inner instructions of the transaction (anchor-lang, src/event.rs).
 */
#ifndef ANCHOR_EVENT_H
#define ANCHOR_EVENT_H

#include "runtime.h"

/* The first eight bytes of such an instruction, read as a little-endian number. */
#define EVENT_INSTRUCTION 0x1d9acb512ea545e4ULL
#define EVENT_HEADER_BYTES 16

typedef struct {
  const Invocation *invocation;
  const Account *authority;
  const u8 *bump;
  /* Header and fields. */
  const u8 *bytes;
  u64 length;
} Event;

static NOINLINE u64 emit_event(const Event *event) {
  AccountMeta meta = {event->authority->key, 0, 1};
  Instruction instruction = {event->invocation->program_id, &meta, 1, event->bytes, event->length};
  Seed seeds[2] = {{(const u8 *)"__event_authority", 17}, {event->bump, 1}};
  SignerSeeds signer = {seeds, 2};
  return sol_invoke_signed_c(&instruction, event->authority, 1, &signer, 1);
}

/* What the invoked program does: it only makes sure that the program itself is the caller. */
static NOINLINE u64 receive_event(const Invocation *invocation, const u8 *authority_key) {
  if (invocation->account_count == 0) return ANCHOR_TOO_FEW_ACCOUNTS;
  const Account *authority = &invocation->accounts[0];
  if (!authority->is_signer) return ANCHOR_NOT_SIGNED;
  return is_same_key(authority->key, authority_key) ? 0 : ANCHOR_SEEDS;
}

#endif
