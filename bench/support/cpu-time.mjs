// Processor time of a process by thread, from Linux's /proc; undefined elsewhere.
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const MS_PER_TICK = 10; // sysconf(_SC_CLK_TCK) is 100 on every Linux that Node supports.

/**
 * Processor time of the main thread, of the busiest other thread (the database's) and of the rest (compiler, garbage
 * collector), milliseconds.
 */
export function cpuTimeMs(pid) {
  const tasks = `/proc/${pid}/task`;
  if (!existsSync(tasks)) return undefined;
  const used = new Map(
    readdirSync(tasks).map((thread) => [thread, ticksOf(`${tasks}/${thread}/stat`) * MS_PER_TICK]),
  );
  const main = used.get(String(pid));
  used.delete(String(pid));
  const [busiest = 0, ...rest] = [...used.values()].sort((a, b) => b - a);
  return { main, busiestOther: busiest, rest: rest.reduce((sum, ms) => sum + ms, 0) };
}

/** Processor time of several processes by name, such as `{ engine: 4711 }`; ended processes are omitted. */
export function cpuOf(pids) {
  const times = Object.entries(pids).map(([part, pid]) => [part, cpuTimeMs(pid)]);
  return Object.fromEntries(times.filter(([, time]) => time !== undefined));
}

/**
 * Processor time of each process and each of its threads since `before`, and their sum, milliseconds per order.
 * Processes whose names have the same first word count as one.
 */
export function perOrder(before, after, orders) {
  const sums = { all: 0 };
  for (const [name, threads] of Object.entries(after)) {
    const [part] = name.split(' ');
    const sum = sums[part] ?? { main: 0, busiestOther: 0, rest: 0 };
    for (const [thread, ms] of Object.entries(threads)) {
      const grown = (ms - (before[name]?.[thread] ?? 0)) / orders;
      sum[thread] += grown;
      sums.all += grown;
    }
    sums[part] = sum;
  }
  return mapNumbers(sums, (ms) => Number(ms.toFixed(3)));
}

/** A copy with each number mapped. */
export function mapNumbers(value, map) {
  if (typeof value === 'number') return map(value);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, mapNumbers(one, map)]));
}

function ticksOf(file) {
  const stat = readFileSync(file, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // A thread's name may contain spaces.
  return Number(fields[11]) + Number(fields[12]);
}

/** Resident memory of a process in MiB; undefined elsewhere. */
export function residentMiB(pid) {
  const file = `/proc/${pid}/status`;
  if (!existsSync(file)) return undefined;
  return Math.round(Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(file, 'utf8'))[1]) / 1_024);
}
