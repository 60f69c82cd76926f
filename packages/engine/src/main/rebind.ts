import { requireOpenFiles } from '@oee/directory-lock';

requireOpenFiles();
await import('./programs/rebind.ts');
