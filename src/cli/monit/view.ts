/** The monitor on a terminal: services, threads and the log, live. Loaded by `nanod monit` only. */

import { Box, render, Text, useApp, useInput, useStdout, type RenderOptions } from 'ink';
import { createElement as h, useLayoutEffect, useRef, useState, type ReactElement } from 'react';
import { alignRows, bar, screenOf, serviceHead, type Look, type Screen } from './model.ts';

export interface MonitorPowers {
  readonly look: () => Promise<Look>;
  /** Lines of the log of a service, or of all, as they come, until `close`. */
  readonly log: (service: string | undefined, onLine: (line: string) => void) => { close(): void };
  /** Milliseconds between two looks. */
  readonly interval: number;
}

/** Lines of the log that are kept. */
const mostLines = 200;

const colors = { online: 'green', stopped: 'yellow', errored: 'red' } as const;

/** Shows the monitor until the user leaves it. Rejects with what a look failed with. */
export async function runMonitor(powers: MonitorPowers, options: RenderOptions = {}): Promise<void> {
  await render(h(Monitor, { powers }), {
    exitOnCtrlC: true,
    patchConsole: false,
    ...options,
  }).waitUntilExit();
}

function Monitor({ powers }: { readonly powers: MonitorPowers }): ReactElement {
  const { exit } = useApp();
  const { columns, rows } = useSize();
  const screen = useScreen(powers, exit);
  // Keys may come before what is drawn has changed who hears them.
  const shown = useRef(screen);
  shown.current = screen;
  const [selected, setSelected] = useState<string | undefined>(undefined);
  const lines = useLog(powers, selected);
  useInput((input, key) => {
    if (input === 'q' || key.escape) exit();
    const names = [undefined, ...(shown.current?.services.map(({ name }) => name) ?? [])];
    const move = (by: number): void =>
      setSelected((now) => names[Math.min(names.length - 1, Math.max(0, names.indexOf(now) + by))]);
    if (key.downArrow || input === 'j') move(1);
    if (key.upArrow || input === 'k') move(-1);
  });
  if (screen === undefined) return h(Text, undefined, 'asking the daemon …');
  const threads = Math.min(screen.threads.length, Math.max(1, Math.floor(rows / 4)));
  const services = Math.min(screen.services.length + 1, Math.max(2, Math.floor(rows / 3)));
  const logRows = Math.max(1, rows - threads - services - 6);
  return h(
    Box,
    { flexDirection: 'column', width: columns, height: rows - 1 },
    h(Text, { bold: true, wrap: 'truncate' }, screen.title),
    h(Services, { screen, selected, rows: services }),
    h(Title, { text: 'threads' }),
    ...screen.threads
      .slice(0, threads)
      .map((thread) =>
        h(
          Text,
          { key: thread.label, wrap: 'truncate' },
          `${thread.label.padEnd(16)} `,
          h(Text, { color: loadColor(thread.load) }, bar(thread.load ?? 1, 20)),
          ` ${thread.text}`,
        ),
      ),
    h(Title, { text: selected === undefined ? 'log' : `log of ${selected}` }),
    ...lines.slice(-logRows).map((line, index) => h(Text, { key: index, wrap: 'truncate' }, line)),
    h(Box, { flexGrow: 1 }),
    h(Text, { dimColor: true, wrap: 'truncate' }, '↑ ↓ choose a service   q leave'),
  );
}

function Title({ text }: { readonly text: string }): ReactElement {
  return h(Text, { bold: true, underline: true }, text);
}

function Services({
  screen,
  selected,
  rows,
}: {
  readonly screen: Screen;
  readonly selected: string | undefined;
  readonly rows: number;
}): ReactElement {
  const [head = '', ...lines] = alignRows(
    serviceHead,
    screen.services.map(({ cells }) => cells),
  );
  const at = screen.services.findIndex(({ name }) => name === selected);
  const first = Math.max(0, Math.min(at - rows + 2, lines.length - rows + 1));
  const shown = screen.services.slice(first, first + rows - 1);
  return h(
    Box,
    { flexDirection: 'column' },
    h(Text, { dimColor: true, wrap: 'truncate' }, head),
    ...shown.map(({ name, state }, index) =>
      h(
        Text,
        { key: name, color: colors[state], inverse: name === selected, wrap: 'truncate' },
        lines[first + index] ?? '',
      ),
    ),
  );
}

function loadColor(load: number | undefined): string {
  if (load === undefined || load > 0.9) return 'red';
  return load > 0.6 ? 'yellow' : 'green';
}

/** Looks again and again; leaves the monitor with what a look fails with. */
function useScreen({ look, interval }: MonitorPowers, exit: (error?: Error) => void): Screen | undefined {
  const [screen, setScreen] = useState<Screen | undefined>(undefined);
  useLayoutEffect(() => {
    let before: Look | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const again = async (): Promise<void> => {
      const now = await look();
      if (isOver) return;
      setScreen(screenOf(now, before));
      before = now;
      timer = setTimeout(() => void again().catch(exit), interval);
    };
    again().catch(exit);
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, [look, interval, exit]);
  return screen;
}

function useLog({ log }: MonitorPowers, service: string | undefined): readonly string[] {
  const [lines, setLines] = useState<readonly string[]>([]);
  useLayoutEffect(() => {
    setLines([]);
    const stream = log(service, (line) => setLines((all) => [...all, line].slice(-mostLines)));
    return () => stream.close();
  }, [log, service]);
  return lines;
}

function useSize(): { readonly columns: number; readonly rows: number } {
  const { stdout } = useStdout();
  const [size, setSize] = useState({ columns: stdout.columns, rows: stdout.rows });
  useLayoutEffect(() => {
    const measure = (): void => setSize({ columns: stdout.columns, rows: stdout.rows });
    stdout.on('resize', measure);
    return () => void stdout.off('resize', measure);
  }, [stdout]);
  return { columns: size.columns || 80, rows: size.rows || 24 };
}
