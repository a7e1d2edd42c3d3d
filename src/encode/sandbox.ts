// The walls around a program that reads a stranger's film: no network, no files but its own, limits on everything.
// A demuxer may be talked into opening other files or addresses; inside there is nothing to open.
// Source: research, control-telemetry §8.3.

export type Argv = readonly [program: string, ...args: string[]];

export interface Walls {
  /** Files that may be read, at the same path inside. */
  readonly readOnly: readonly string[];
  /** The one folder that may be written; also the working directory. Without it /tmp inside, which is lost. */
  readonly writable: string | undefined;
  /** The working directory when nothing may be written: a folder among `readOnly`. Without it /tmp. */
  readonly directory?: string | undefined;
  readonly memoryMiB: number;
  readonly cpuSeconds: number;
  readonly fileMiB: number;
  /** Whether a program inside may make namespaces of its own, the usual way to more of the kernel. bubblewrap before 0.8 cannot refuse it. */
  readonly nested: "refused" | "allowed";
  /** "passed": what the caller puts into the environment is for the program, and a command line would show it to everyone. */
  readonly environment?: "passed";
  /** The program is killed as soon as this ends: a pipe whose other end is held by whoever must not be outlived. */
  readonly tether?: "standard-input";
}

/**
 * Holds a program to the pipe on standard input, from inside. bubblewrap's --die-with-parent takes hold only when the
 * walls stand: whoever dies in the milliseconds before leaves a program behind that nobody stops. The text is fixed,
 * and the program's own argv goes through it as a list. Source: kill(2), a pid of -1 is everyone in this namespace.
 */
const tether = 'exec 3<&0 </dev/null; (read -r _ <&3; kill -9 -1) & exec "$@" 3<&-';

/** A program that ffmpeg's kind of handler ends cleanly needs a moment; were both limits one, it would be killed without a word. */
const cpuGraceSeconds = 5;

/** What /tmp inside may hold, which is memory. bubblewrap before 0.7 cannot bound it; what refuses namespaces (0.8) can. */
const tmpBytes = 256 * 2 ** 20;
/**
 * Processes and threads inside: four AV1 encoders have a hundred. Before Linux 5.14 all of this user's count; of the
 * machine's administrator none is ever counted.
 */
const mostProcesses = 1024;

const systemFolders = ["/lib", "/lib64", "/bin", "/etc/alternatives", "/etc/ld.so.cache"];

/** The argv that runs `argv` inside bubblewrap with util-linux's prlimit. Paths are absolute. */
export function sandboxed(argv: Argv, walls: Walls): Argv {
  const [program] = argv;
  const tool = program.startsWith("/") && !program.startsWith("/usr/") ? [program] : [];
  const readable = [...tool, ...walls.readOnly];
  return [
    "bwrap",
    "--unshare-all",
    ...(walls.nested === "refused" ? ["--unshare-user", "--disable-userns"] : []),
    "--die-with-parent",
    "--new-session",
    ...(walls.environment === "passed" ? [] : ["--clearenv"]),
    ...["--setenv", "PATH", "/usr/local/bin:/usr/bin:/bin"],
    ...["--ro-bind", "/usr", "/usr"],
    ...systemFolders.flatMap((folder) => ["--ro-bind-try", folder, folder]),
    ...["--proc", "/proc", "--dev", "/dev"],
    ...(walls.nested === "refused" ? ["--size", `${tmpBytes}`] : []),
    ...["--tmpfs", "/tmp"],
    ...readable.flatMap((path) => ["--ro-bind", path, path]),
    ...(walls.writable === undefined ? [] : ["--bind", walls.writable, walls.writable]),
    ...["--chdir", walls.writable ?? walls.directory ?? "/tmp"],
    ...["--cap-drop", "ALL", "--uid", "65534", "--gid", "65534"],
    "prlimit",
    `--as=${walls.memoryMiB * 1024 * 1024}`,
    // At the first limit it is told which, at the second it is killed.
    `--cpu=${walls.cpuSeconds}:${walls.cpuSeconds + cpuGraceSeconds}`,
    `--fsize=${walls.fileMiB * 1024 * 1024}`,
    "--nofile=64",
    `--nproc=${mostProcesses}`,
    "--core=0",
    ...(walls.tether === undefined ? [] : ["/bin/sh", "-c", tether, "tether"]),
    ...argv,
  ];
}
