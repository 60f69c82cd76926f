import { requireOpenFiles } from '@oee/directory-lock';

requireOpenFiles();
await import('./programs/work.ts');
