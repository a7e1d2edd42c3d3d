// Holds the picture while the player has no right to go on, and begins anew when somebody wants to see more.
import type { ScreenCommand } from "#play/screen.ts";

export interface HoldPorts {
  readonly video: Pick<HTMLVideoElement, "paused" | "ended" | "play" | "pause" | "addEventListener">;
  /** Undefined: nothing to tell. */
  readonly tell: (notice: string | undefined) => void;
  readonly taken: () => void;
  readonly beginAnew: () => void;
}

/** What is told then; the page says it in the viewer's language. */
export const unheard =
  "The control plane does not answer, and without it a screen is not kept. The film goes on by itself when it does.";

export class Hold {
  readonly #ports: HoldPorts;
  #kind: "free" | "held" | "over" = "free";
  /** The film was running when it was held. */
  #wanted = false;

  constructor(ports: HoldPorts, signal: AbortSignal) {
    this.#ports = ports;
    const { video } = ports;
    video.addEventListener(
      "play",
      () => {
        if (this.#kind === "free") return;
        video.pause();
        this.#wanted = true;
        this.#anew();
      },
      { signal },
    );
    document.addEventListener("visibilitychange", () => this.#anew(), { signal });
  }

  obey(command: Exclude<ScreenCommand, { kind: "beat" }>): void {
    const { video, tell, taken } = this.#ports;
    switch (command.kind) {
      case "stop":
        if (this.#kind !== "free") return;
        this.#kind = "held";
        this.#wanted = !video.paused && !video.ended;
        video.pause();
        tell(unheard);
        return;
      case "go-on":
        this.#kind = "free";
        tell(undefined);
        // Refused: the viewer presses play.
        if (this.#wanted) video.play().catch(() => undefined);
        return;
      case "taken":
        this.#kind = "over";
        this.#wanted = false;
        tell(undefined);
        taken();
        return;
      case "begin-anew":
        this.#kind = "over";
        tell(undefined);
        this.#anew();
    }
  }

  /** A film that nobody looks at, or that was paused, holds no screen until somebody wants to see it. */
  #anew(): void {
    if (this.#kind !== "over" || !this.#wanted || document.hidden) return;
    this.#wanted = false;
    this.#ports.beginAnew();
  }
}
