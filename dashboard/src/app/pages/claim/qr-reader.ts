// SPDX-License-Identifier: Apache-2.0
/** Reads QR codes of pictures: by the browser itself where it can, else by our own library, fetched only then. */

export type ReadQr = (picture: CanvasRenderingContext2D) => Promise<string | null>;

/** As browsers have it; not yet among TypeScript's own declarations. */
interface Detector {
  detect(source: HTMLCanvasElement): Promise<readonly { readonly rawValue: string }[]>;
}
interface DetectorClass {
  new (options: { readonly formats: readonly string[] }): Detector;
  getSupportedFormats(): Promise<readonly string[]>;
}

/** Code 128 is what many makers print beside, or instead of, the square. */
const formatsWanted = ['qr_code', 'code_128', 'data_matrix'];

export async function openQrReader(): Promise<ReadQr> {
  return (await ownReader()) ?? (await libraryReader());
}

async function ownReader(): Promise<ReadQr | null> {
  const { BarcodeDetector } = globalThis as { readonly BarcodeDetector?: DetectorClass };
  if (BarcodeDetector === undefined) return null;
  try {
    const supported = await BarcodeDetector.getSupportedFormats();
    if (!supported.includes('qr_code')) return null;
    const detector = new BarcodeDetector({
      formats: formatsWanted.filter((format) => supported.includes(format)),
    });
    return async ({ canvas }) => (await detector.detect(canvas))[0]?.rawValue ?? null;
  } catch {
    // Named, but not there: some desktop browsers.
    return null;
  }
}

export async function libraryReader(): Promise<ReadQr> {
  const { default: decodeQR } = await import('qr/decode.js');
  return (picture) => {
    const { width, height } = picture.canvas;
    try {
      const text: string = decodeQR(picture.getImageData(0, 0, width, height));
      return Promise.resolve(text);
    } catch {
      // No code in this frame; the next one is looked at.
      return Promise.resolve(null);
    }
  };
}
