import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reference } from "./argv.ts";
import { normaliseArgs, packetsArgs } from "./argv-intake.ts";
import { soundArgs } from "./argv-side.ts";
import { pieceArgs, trialArgs, trialsArgs, vmafArgs } from "./argv-video.ts";
import { usualRate } from "./audio-rates.ts";
import { readFragments } from "./boxes.ts";
import { bt709 } from "./colours.ts";
import type { Intake } from "./intake.ts";
import { levelFor } from "./level.ts";
import { ssim } from "./measures.ts";
import { sampleFilmArgs, sampleShots } from "./sample-film.ts";
import { sandboxed } from "./sandbox.ts";
import { groupsComplaint, poolShot, readSsimLog, readVmafLog, shotBits } from "./scores.ts";
import { movedManifest, movedMaster } from "./thin-copy.ts";

const reference: Reference = {
  ...{ path: "/films/a b.mp4", container: "mov", stream: 0 },
  ...{ display: { width: 640, height: 360 }, rate: { num: 30000, den: 1001 } },
};
const guarded =
  "-protocol_whitelist file -format_whitelist mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts -f mov -i file:/films/a b.mp4";
const common = "-nostdin -hide_banner -nostats -benchmark -v repeat+info -y -max_alloc 500000000";
const plain = "-map_metadata -1 -map_chapters -1 -fflags +bitexact";
const tools = "stitchable=1:keyint=infinite:scenecut=0:open-gop=0:ref=2:bframes=3:threads=1";

test("[EN21] golden: a comparison renumbers both inputs in one time base", () => {
  assert.equal(
    vmafArgs({ reference, encoded: "trial.mp4", log: "quality.log" }, "vmaf_v0.6.1", 3).join(" "),
    `${common} -f mov -i file:trial.mp4 ${guarded} -lavfi ` +
      "[0:v]scale=640:360:flags=bicubic,format=yuv420p,settb=1001/30000,setpts=N[d];" +
      "[1:0]setsar=1,format=yuv420p,settb=1001/30000,setpts=N[r];" +
      "[d][r]libvmaf=model=version=vmaf_v0.6.1:n_threads=1:n_subsample=3:log_fmt=csv:log_path=quality.log -f null -",
  );
});

test("[EN14] golden: a trial is one encode with the plan's keyframes", () => {
  assert.equal(
    trialArgs(
      reference,
      { codec: "h264", preset: "veryfast", width: 426, height: 240, crf: 26 },
      [0, 120],
      "trial.mp4",
    ).join(" "),
    `${common} ${guarded} -map 0:0 -fps_mode passthrough ` +
      "-vf scale=426:240:flags=lanczos,setsar=1,format=yuv420p,settb=1001/30000,setpts=N " +
      `-c:v libx264 -preset veryfast -profile:v high -level:v 3.0 -crf 26 -x264-params ${tools} -force_key_frames 0.000000,3.995658 ` +
      `-movflags +frag_keyframe+empty_moov+default_base_moof -bsf:v filter_units=remove_types=6 ${plain} trial.mp4`,
  );
});

test("[EN142] golden: together, trials and comparisons share one reading of the film", () => {
  const encode = { codec: "h264", preset: "veryfast", width: 426, height: 240 } as const;
  const outputs = [26, 34].map((crf) => ({ crf, output: `${crf}.mp4` }));
  const output = (label: string, crf: number): string =>
    `-map ${label} -fps_mode passthrough -c:v libx264 -preset veryfast -profile:v high -level:v 3.0 -crf ${crf} -x264-params ${tools} ` +
    "-force_key_frames 0.000000,3.995658 " +
    `-movflags +frag_keyframe+empty_moov+default_base_moof -bsf:v filter_units=remove_types=6 ${plain} ${crf}.mp4`;
  assert.equal(
    trialsArgs(reference, encode, [0, 120], outputs).join(" "),
    `${common} ${guarded} -filter_complex ` +
      "[0:0]scale=426:240:flags=lanczos,setsar=1,format=yuv420p,settb=1001/30000,setpts=N,split=2[v0][v1] " +
      `${output("[v0]", 26)} ${output("[v1]", 34)}`,
  );
  const encodes = ["a", "b"].map((name) => ({ encoded: `${name}.mp4`, log: `${name}.log` }));
  const shown = "scale=640:360:flags=bicubic,format=yuv420p,settb=1001/30000,setpts=N";
  assert.equal(
    ssim.argsTogether?.(reference, encodes, 1).join(" "),
    `${common} -f mov -i file:a.mp4 -f mov -i file:b.mp4 ${guarded} -lavfi ` +
      "[2:0]setsar=1,format=yuv420p,settb=1001/30000,setpts=N,split=2[r0][r1];" +
      `[0:v]${shown}[d0];[d0][r0]ssim=stats_file=a.log;[1:v]${shown}[d1];[d1][r1]ssim=stats_file=b.log -f null -`,
  );
});

test("[EN22] golden: a piece seeks half a frame early and fixes what its init depends on", () => {
  const order = {
    width: 426,
    height: 240,
    crf: 31,
    startFrame: 90,
    frames: 60,
    codec: "h264" as const,
    peak: 1_000_000,
    preset: "fast",
    timescale: 30000,
  };
  assert.equal(
    pieceArgs(reference, { ...order, keyframes: [90, 120] }, "piece.mp4").join(" "),
    `${common} -ss 2.986317 ${guarded} -map 0:0 -frames:v 60 -fps_mode passthrough ` +
      "-vf scale=426:240:flags=lanczos,setsar=1,format=yuv420p,settb=1001/30000,setpts=N " +
      `-c:v libx264 -preset fast -profile:v high -level:v 3.0 -crf 31 -x264-params ${tools} ` +
      "-force_key_frames 0.000000,0.992658 -video_track_timescale 30000 " +
      `-movflags +frag_keyframe+empty_moov+default_base_moof+cmaf -bsf:v filter_units=remove_types=6 ${plain} piece.mp4`,
  );
  const first = pieceArgs(reference, { ...order, startFrame: 0, keyframes: [0] }, "piece.mp4");
  assert.ok(!first.includes("-ss"));
});

test("[EN22] the level holds size and rate", () => {
  assert.equal(levelFor({ width: 640, height: 360 }, { num: 24, den: 1 }, 1e6), "3.0");
  assert.equal(levelFor({ width: 1280, height: 720 }, { num: 30, den: 1 }, 1e6), "3.1");
  assert.equal(levelFor({ width: 1920, height: 1080 }, { num: 30, den: 1 }, 1e6), "4.0");
  assert.equal(levelFor({ width: 3840, height: 2160 }, { num: 60, den: 1 }, 1e6), "5.2");
});

test("[EN6] golden: normalising mends first, scales once, and numbers frames anew", () => {
  const intake: Intake = {
    ...{
      stream: 2,
      display: { width: 768, height: 576 },
      rate: { num: 25, den: 1 },
      frames: 100,
      reasons: ["interlaced"],
    },
    ...{
      mending: ["bwdif=mode=send_frame", "fps=25/1"],
      isRgb: false,
      sounds: [],
      subtitles: [],
      leftOut: [],
    },
    colours: { kind: "keep", from: bt709, to: bt709 },
  };
  const args = normaliseArgs({ path: "/f.mkv", container: "matroska", stream: 2 }, intake, "reference.mp4");
  assert.equal(
    args[args.indexOf("-vf") + 1],
    "bwdif=mode=send_frame,fps=25/1,scale=768:576:flags=lanczos:out_range=tv,setsar=1,format=yuv420p," +
      "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709,settb=1/25,setpts=N",
  );
  assert.equal(args[args.indexOf("-map") + 1], "0:2");
});

test("[EN1] a probe opens one file with one demuxer, whatever its name says", () => {
  const args = packetsArgs({ path: "concat:/etc/passwd|x", container: "matroska" }).join(" ");
  assert.match(
    args,
    /-protocol_whitelist file -format_whitelist [\w,]+ -f matroska -i file:concat:\/etc\/passwd\|x/,
  );
});

test("[EN28] golden: sound starts with the picture and is as long", () => {
  const args = soundArgs(
    reference,
    {
      ...{ stream: 1, codec: "aac", sampleRate: 44100, channels: 6 },
      ...{ language: "de", title: "", pictureStart: 0.5 },
    },
    usualRate,
    10,
    "sound.mp4",
  );
  assert.equal(
    args[args.indexOf("-af") + 1],
    "asetpts=PTS-0.500000/TB,aresample=48000:async=1:first_pts=0,aformat=sample_rates=48000:channel_layouts=stereo," +
      "apad,atrim=start_sample=1024:end_sample=480000,asetpts=N/SR/TB",
  );
});

test("[EN24] golden: the walls leave one film, one folder and no network", () => {
  const walls = {
    readOnly: ["/films/a b.mp4"],
    writable: "/work/scratch/1",
    memoryMiB: 4096,
    cpuSeconds: 60,
    fileMiB: 10,
    nested: "refused",
  } as const;
  assert.equal(
    sandboxed(["/opt/ffmpeg", "-i", "x"], walls).join(" "),
    "bwrap --unshare-all --unshare-user --disable-userns --die-with-parent --new-session --clearenv --setenv PATH /usr/local/bin:/usr/bin:/bin " +
      "--ro-bind /usr /usr --ro-bind-try /lib /lib --ro-bind-try /lib64 /lib64 --ro-bind-try /bin /bin " +
      "--ro-bind-try /etc/alternatives /etc/alternatives --ro-bind-try /etc/ld.so.cache /etc/ld.so.cache " +
      "--proc /proc --dev /dev --size 268435456 --tmpfs /tmp --ro-bind /opt/ffmpeg /opt/ffmpeg --ro-bind /films/a b.mp4 /films/a b.mp4 " +
      "--bind /work/scratch/1 /work/scratch/1 --chdir /work/scratch/1 --cap-drop ALL --uid 65534 --gid 65534 " +
      "prlimit --as=4294967296 --cpu=60:65 --fsize=10485760 --nofile=64 --nproc=1024 --core=0 /opt/ffmpeg -i x",
  );
  const tethered = sandboxed(["/opt/ffmpeg", "-i", "x"], { ...walls, tether: "standard-input" });
  assert.deepEqual(tethered.slice(tethered.indexOf("--core=0") + 1), [
    ...["/bin/sh", "-c", 'exec 3<&0 </dev/null; (read -r _ <&3; kill -9 -1) & exec "$@" 3<&-', "tether"],
    ...["/opt/ffmpeg", "-i", "x"],
  ]);
  const older = sandboxed(["true"], { ...walls, nested: "allowed" });
  assert.ok(!older.includes("--disable-userns"), "bubblewrap before 0.8 does not know it");
});

test("[EN13] scores are pooled per shot from the log per frame", () => {
  const vmaf = readVmafLog("Frame,integer_adm2,vmaf,\n0,0.9,80.0,\n3,0.9,90.0,\n6,0.9,10.0,\n");
  assert.equal(poolShot(vmaf, { startFrame: 0, endFrame: 6 }), 85);
  assert.equal(poolShot(vmaf, { startFrame: 4, endFrame: 6 }), undefined);
  const ssim = readSsimLog(
    "n:1 Y:0.980000 U:0.9 V:0.9 All:0.95 (13.0)\nn:2 Y:0.960000 U:0.9 V:0.9 All:0.95 (13.0)\n",
  );
  assert.ok(Math.abs((poolShot(ssim, { startFrame: 0, endFrame: 2 }) ?? 0) - 97) < 1e-9);
  assert.equal(readVmafLog("nothing here").size, 0);
});

test("[EN13] bits of a shot are its groups of pictures", () => {
  const shots = [
    { id: 0, startFrame: 0, endFrame: 3 },
    { id: 1, startFrame: 3, endFrame: 4 },
  ];
  assert.deepEqual(shotBits([[10, 1], [20], [5]], [0, 2, 3], shots), [248, 40]);
});

test("[EN14] an encode that does not follow the plan is told apart", () => {
  assert.equal(groupsComplaint([[1, 1], [1]], [0, 2], 3), undefined);
  assert.match(groupsComplaint([[1, 1, 1]], [0, 2], 3) ?? "", /wanted 2 keyframes, found 1/);
  assert.match(groupsComplaint([[1], [1]], [0, 2], 3) ?? "", /wanted 2 frames from frame 0 on, found 1/);
});

test("[EN23] what is cut off or does not add up is not a fragmented file", () => {
  const whole = fragmentedFile([7, 5]);
  assert.deepEqual(readFragments(whole), { initEnd: 16, fragments: [{ frameBytes: [7, 5] }] });
  for (let length = 0; length < whole.length; length++) {
    const cut = readFragments(whole.subarray(0, length));
    assert.ok(cut === undefined || cut.fragments.length === 0, `cut at ${length}`);
  }
  assert.equal(readFragments(fragmentedFile([7, 5], 1)), undefined);
});

test("[EN30] the sample asks eight different things, each for 2.5 to 4.5 s", () => {
  const shots = sampleShots("/font.ttf");
  assert.ok(shots.length >= 7);
  for (const shot of shots) assert.ok(shot.seconds >= 2.5 && shot.seconds <= 4.5, shot.name);
  assert.equal(new Set(shots.map((shot) => shot.picture)).size, shots.length);
  assert.ok(!sampleFilmArgs(undefined, "x.mp4").join(" ").includes("drawtext"));
});

test("[EN31] relative addresses move, absolute ones and everything else stay", () => {
  const master =
    '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,URI="audio.m3u8"\n#EXT-X-STREAM-INF:BANDWIDTH=1\nv1.m3u8\nhttps://a/b.m3u8\n';
  assert.equal(
    movedMaster(master, "../package/"),
    '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,URI="../package/audio.m3u8"\n#EXT-X-STREAM-INF:BANDWIDTH=1\n../package/v1.m3u8\nhttps://a/b.m3u8\n',
  );
  assert.equal(
    movedManifest("<MPD a='1'><Period/></MPD>", "../p/"),
    "<MPD a='1'>\n  <BaseURL>../p/</BaseURL><Period/></MPD>",
  );
});

/** ftyp, moov, moof(traf(tfhd, trun)), mdat; `missing` bytes are left out of mdat. */
function fragmentedFile(sizes: readonly number[], missing = 0): Uint8Array {
  const box = (type: string, ...bodies: readonly Uint8Array[]): Uint8Array => {
    const body = Buffer.concat(bodies);
    const head = Buffer.alloc(8);
    head.writeUInt32BE(body.length + 8);
    head.write(type, 4, "latin1");
    return Buffer.concat([head, body]);
  };
  const words = (...values: readonly number[]): Uint8Array => {
    const buffer = Buffer.alloc(values.length * 4);
    for (const [index, value] of values.entries()) buffer.writeUInt32BE(value, index * 4);
    return buffer;
  };
  const trun = box("trun", words(0x000201, sizes.length, 0), words(...sizes));
  const moof = box("moof", box("traf", box("tfhd", words(0x020000, 1)), trun));
  const total = sizes.reduce((sum, size) => sum + size, 0) - missing;
  return Uint8Array.from(Buffer.concat([box("ftyp"), box("moov"), moof, box("mdat", Buffer.alloc(total))]));
}
