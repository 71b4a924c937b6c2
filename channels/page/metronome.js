// The beat for chest compressions: a tick and a flash, kept by the audio clock.

const AHEAD = 2.5; // seconds of ticks planned at a time: in the background timers run once a second

let running = null;

// Starts ticking so many times a minute; pulse() is called about when each tick sounds.
export function start(perMinute, pulse) {
  stop();
  const audio = new AudioContext();
  let next = audio.currentTime + 0.05;
  const pulses = [];
  const plan = () => {
    // after a freeze the missed beats are left out, not made up for
    const missed = Math.ceil((audio.currentTime - next) * (perMinute / 60));
    if (missed > 0) next += missed * (60 / perMinute);
    while (next < audio.currentTime + AHEAD) {
      tick(audio, next);
      pulses.push(setTimeout(pulse, Math.max(0, (next - audio.currentTime) * 1000)));
      next += 60 / perMinute;
    }
  };
  plan();
  running = { audio, timer: setInterval(plan, 250), still: () => pulses.forEach(clearTimeout) };
}

export function stop() {
  if (!running) return;
  clearInterval(running.timer);
  running.still();
  running.audio.close();
  running = null;
}

function tick(audio, at) {
  const tone = audio.createOscillator();
  const volume = audio.createGain();
  tone.frequency.value = 880;
  volume.gain.setValueAtTime(0.6, at);
  volume.gain.exponentialRampToValueAtTime(0.001, at + 0.08);
  tone.connect(volume).connect(audio.destination);
  tone.start(at);
  tone.stop(at + 0.1);
}
