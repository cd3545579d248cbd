// Finding a QR code with the camera or in a photo. Pictures stay in this page and are never sent.

const MAX_SIDE = 1600;
const PAUSE = 120;
const PATIENCE = 90_000;
/** A code in a large photo may be small, and one in a sharp photo too large: try three sizes. */
const PHOTO_SIDES = [1600, 1000, 640];
const MAX_PHOTO = 30 * 1024 * 1024;

/** @typedef {(picture: ImageData) => Promise<string | null>} Decode */

/** The browser's own reader where it has one for QR codes, else ours, loaded only now. @returns {Promise<Decode>} */
async function decoder() {
  const Native = /** @type {any} */ (globalThis).BarcodeDetector;
  const formats = (await Native?.getSupportedFormats?.().catch(() => [])) ?? [];
  if (formats.includes("qr_code")) {
    const native = new Native({ formats: ["qr_code"] });
    return async (picture) => (await native.detect(picture).catch(() => []))[0]?.rawValue ?? null;
  }
  const { decodeQR } = await import("./vendor/qr/decode.js");
  return async (picture) => {
    try {
      return decodeQR(picture);
    } catch {
      return null; // its way of saying that there is no code in the picture
    }
  };
}

/**
 * The pixels of a picture, no side longer than asked.
 * @param {CanvasImageSource} source
 * @param {number} width
 * @param {number} height
 * @param {number} side
 */
function pixels(source, width, height, side) {
  const scale = Math.min(1, side / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const drawing = canvas.getContext("2d", { willReadFrequently: true });
  drawing?.drawImage(source, 0, 0, canvas.width, canvas.height);
  return drawing?.getImageData(0, 0, canvas.width, canvas.height) ?? null;
}

/** The text of a code in a photo; null when none is found. @param {File} file */
export async function inPhoto(file) {
  if (file.size > MAX_PHOTO) return null;
  const picture = await createImageBitmap(file).catch(() => null);
  if (picture === null) return null;
  const decode = await decoder();
  for (const side of PHOTO_SIDES) {
    const seen = pixels(picture, picture.width, picture.height, side);
    const text = seen && (await decode(seen));
    if (text) return text;
  }
  return null;
}

/**
 * Look through the camera until a code is found, the time is up, or somebody stops it.
 * @param {HTMLVideoElement} video
 * @param {AbortSignal} stopped
 * @returns {Promise<{text: string} | {trouble: "refused" | "no-camera" | "nothing-found" | "stopped"}>}
 */
export async function throughCamera(video, stopped) {
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: "environment", width: { ideal: 1280 } },
      audio: false,
    });
  } catch (error) {
    return { trouble: error instanceof DOMException && error.name === "NotAllowedError" ? "refused" : "no-camera" };
  }
  try {
    video.srcObject = stream;
    await video.play();
    return await watched(video, await decoder(), stopped);
  } catch {
    return { trouble: "no-camera" }; // taken away while we looked
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  }
}

/**
 * @param {HTMLVideoElement} video
 * @param {Decode} decode
 * @param {AbortSignal} stopped
 * @returns {ReturnType<typeof throughCamera>}
 */
async function watched(video, decode, stopped) {
  const end = Date.now() + PATIENCE;
  while (Date.now() < end && !stopped.aborted) {
    const seen = video.videoWidth ? pixels(video, video.videoWidth, video.videoHeight, MAX_SIDE) : null;
    const text = seen && (await decode(seen));
    if (text) return { text };
    await new Promise((resume) => setTimeout(resume, PAUSE));
  }
  return { trouble: stopped.aborted ? "stopped" : "nothing-found" };
}
