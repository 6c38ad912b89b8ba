// SPDX-License-Identifier: Apache-2.0
import { DialogRef } from '@angular/cdk/dialog';
import type { ElementRef } from '@angular/core';
import { Component, DestroyRef, afterNextRender, inject, signal, viewChild } from '@angular/core';
import { serialOfLabel } from '@wattledger/contracts';
import { DialogFrame } from '../../look/dialog-frame.ts';
import { Icon } from '../../look/icon.ts';
import { Words } from '../../words/words.ts';
import { openQrReader, type ReadQr } from './qr-reader.ts';

const betweenFramesMs = 120;
/** More pixels cost time and help nobody: a code fills a good part of the picture. */
const sideMax = 960;

/** The phone's camera on a label; where there is none, a photograph of the label does. */
@Component({
  selector: 'wl-scan-dialog',
  imports: [DialogFrame, Icon],
  template: `
    <wl-dialog-frame [heading]="t('scan.title')">
      @if (trouble() === null) {
        <div class="view">
          <video #video muted playsinline [attr.aria-label]="t('scan.view')"></video>
          <span class="aim" aria-hidden="true"></span>
        </div>
        <p class="muted" role="status">{{ nothing() === null ? t('scan.hint') : t('scan.no-serial') }}</p>
      } @else {
        <p class="note warn" role="alert"><wl-icon name="warning" />{{ t('scan.trouble.' + trouble()) }}</p>
      }
      <label class="button photo">
        <wl-icon name="eye" />{{ t('scan.photo') }}
        <input #fileBox type="file" accept="image/*" capture="environment" (change)="photo(fileBox)" />
      </label>
      @if (photoFailed()) {
        <p class="note warn" role="alert"><wl-icon name="warning" />{{ t('scan.photo-none') }}</p>
      }
      <ng-container foot>
        <button type="button" class="button" (click)="dialog.close()">{{ t('scan.type') }}</button>
      </ng-container>
    </wl-dialog-frame>
  `,
  styles: `
    .view {
      position: relative;
      overflow: hidden;
      border-radius: var(--radius);
      background: #000;
      aspect-ratio: 4 / 3;
    }
    video {
      display: block;
      width: 100%;
      height: 100%;
      object-fit: cover;
    }
    .aim {
      position: absolute;
      inset: 12% 22%;
      border: 3px solid rgb(255 255 255 / 85%);
      border-radius: 14px;
    }
    .photo {
      position: relative;
      justify-self: start;
    }
    .photo:focus-within {
      outline: 2px solid var(--leaf);
      outline-offset: 2px;
    }
    .photo input {
      position: absolute;
      inset: 0;
      opacity: 0;
      cursor: pointer;
    }
  `,
})
export class ScanDialog {
  protected readonly dialog = inject<DialogRef<string>>(DialogRef);
  protected readonly t = inject(Words).t;
  private readonly video = viewChild<ElementRef<HTMLVideoElement>>('video');
  protected readonly trouble = signal<'insecure' | 'refused' | 'none' | null>(null);
  /** A code that holds no serial: said, and looked on. */
  protected readonly nothing = signal<string | null>(null);
  protected readonly photoFailed = signal(false);
  private readonly picture = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  private stream: MediaStream | null = null;
  private closed = false;

  constructor() {
    afterNextRender(() => void this.watch());
    inject(DestroyRef).onDestroy(() => {
      this.closed = true;
      this.stop();
    });
  }

  private async watch(): Promise<void> {
    // Absent on pages that are not served over https (but for this very machine).
    const media = (navigator as Partial<Navigator>).mediaDevices;
    if (media === undefined) {
      this.trouble.set('insecure');
      return;
    }
    try {
      this.stream = await media.getUserMedia({ video: { facingMode: 'environment' } });
    } catch (error) {
      this.trouble.set(
        error instanceof DOMException && error.name === 'NotAllowedError' ? 'refused' : 'none',
      );
      return;
    }
    const video = this.video()?.nativeElement;
    if (this.closed || video === undefined) {
      this.stop();
      return;
    }
    video.srcObject = this.stream;
    await video.play();
    const read = await openQrReader();
    while (!this.closed) {
      if (await this.look(read, video, video.videoWidth, video.videoHeight)) return;
      await new Promise((resolve) => setTimeout(resolve, betweenFramesMs));
    }
  }

  protected async photo(box: HTMLInputElement): Promise<void> {
    const file = box.files?.[0];
    if (file === undefined) return;
    this.photoFailed.set(false);
    try {
      const bitmap = await createImageBitmap(file);
      const found = await this.look(await openQrReader(), bitmap, bitmap.width, bitmap.height);
      bitmap.close();
      this.photoFailed.set(!found);
    } catch {
      this.photoFailed.set(true);
    }
    box.value = '';
  }

  /** @returns true when a serial was found and the dialog is closed with it */
  private async look(
    read: ReadQr,
    source: CanvasImageSource,
    width: number,
    height: number,
  ): Promise<boolean> {
    if (this.picture === null || width === 0 || height === 0) return false;
    const scale = Math.min(1, sideMax / Math.max(width, height));
    const { canvas } = this.picture;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    this.picture.drawImage(source, 0, 0, canvas.width, canvas.height);
    const text = await read(this.picture);
    if (text === null || this.closed) return false;
    const serial = serialOfLabel(text);
    if (serial === null) {
      this.nothing.set(text);
      return false;
    }
    this.dialog.close(serial);
    return true;
  }

  private stop(): void {
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    this.stream = null;
  }
}
