import { requireOpenFiles } from '@oee/directory-lock';

requireOpenFiles();
await import('./program.ts');
