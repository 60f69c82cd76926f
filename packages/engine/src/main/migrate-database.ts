import { requireOpenFiles } from '@oee/directory-lock';

requireOpenFiles();
await import('./programs/migrate-database.ts');
