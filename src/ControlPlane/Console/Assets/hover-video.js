// Plays a sample's video over its first frame while the pointer is there. Without this script, and where a browser cannot play the video
// or its reader wants no motion, the frame stays.
"use strict";
(() => {
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  let playing = null;

  function stop() {
    playing?.remove();
    playing = null;
  }

  function play(figure) {
    const video = document.createElement("video");
    Object.assign(video, { muted: true, loop: true, playsInline: true, ariaHidden: "true", className: "over", src: figure.parentElement.dataset.video });
    // It shows the frame through until it has one of its own.
    figure.append(video);
    playing = video;
    video.play().catch(() => { if (playing === video) stop(); });
  }

  document.addEventListener("pointerover", event => {
    const figure = event.target.closest("[data-video] > figure:first-child");
    if (playing && playing.parentElement === figure) return;
    stop();
    if (figure && event.pointerType === "mouse" && !still.matches) play(figure);
  });
  document.documentElement.addEventListener("pointerleave", stop);
})();
