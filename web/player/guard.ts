// The last guard over the picture: it should move, does not, and nothing is under way that could change it.
import { newWatchdog, stepWatchdog } from "#play/watchdog.ts";

/** Enough for a browser to look at its buffer anew, and less than two frames. */
const nudgeSeconds = 0.05;

export interface GuardPorts {
  readonly video: HTMLVideoElement;
  readonly wanted: () => boolean;
  readonly underWay: () => number;
  readonly askAgain: () => void;
  readonly stuck: () => void;
}

export class Guard {
  readonly #ports: GuardPorts;
  #watchdog = newWatchdog(performance.now());

  constructor(ports: GuardPorts) {
    this.#ports = ports;
  }

  look(): void {
    const { video, wanted, underWay, askAgain, stuck } = this.#ports;
    const seen = { positionMs: video.currentTime * 1000, wanted: wanted(), underWay: underWay() };
    const step = stepWatchdog(this.#watchdog, seen, performance.now());
    this.#watchdog = step.state;
    if (step.word === "nothing") return;
    if (step.word === "stuck") {
      stuck();
      return;
    }
    askAgain();
    video.currentTime = Math.min(video.duration, video.currentTime + nudgeSeconds);
  }
}
