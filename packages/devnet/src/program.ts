import { lockDirectory } from '@oee/directory-lock';
import { type CommandLine, HELP, parseCommandLine } from './command-line.ts';
import { repairLedger } from './ledger/repair-ledger.ts';
import { type Devnet, startDevnet } from './start-devnet.ts';

try {
  const commandLine = parseCommandLine(process.argv.slice(2));
  if (commandLine === 'help') process.stdout.write(HELP);
  else if (commandLine.repair) repair(commandLine);
  else await run(commandLine);
} catch (error) {
  process.stderr.write(`devnet: ${(error as Error).message.split('\n')[0]}\n`);
  process.exit(1); // The parent's pipe would keep the process alive although its chain never started.
}

function repair({ ledgerDirectory, allowUnlocked }: CommandLine): void {
  const lock = lockDirectory(ledgerDirectory, { allowUnlocked });
  const done = repairLedger(ledgerDirectory);
  lock.release();
  process.stdout.write(done.length > 0 ? `${done.join('\n')}\n` : 'Nothing is damaged.\n');
}

async function run(commandLine: CommandLine): Promise<void> {
  // Installed first: a signal or the parent's end during the start must not leave an incomplete chain.
  const ending = new Promise<void>((resolve) => {
    if (commandLine.exitWithParent) {
      process.on('SIGINT', () => {});
      process.on('SIGTERM', () => {});
      process.stdin.on('end', resolve).on('close', resolve).on('error', resolve).resume();
    } else {
      process.once('SIGINT', resolve);
      process.once('SIGTERM', resolve);
    }
  });
  process.stdout.on('error', () => {}); // The parent process may have stopped reading.
  const devnet = await startDevnet({
    ...commandLine,
    onFailure(error) {
      process.stderr.write(`devnet: the journal cannot be written: ${error.message}\n`);
      process.exit(1);
    },
  });
  announce(devnet);
  await ending;
  await devnet.stop();
  process.exit(0);
}

function announce({ url, wsUrl, nodes, genesisHash, slot }: Devnet): void {
  process.stdout.write(`${JSON.stringify({ ready: true, url, wsUrl, nodes, genesisHash, slot })}\n`);
}
