// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { serialOfLabel } from './device-label.ts';

describe('the serial of a label', () => {
  test.each([
    // As typed.
    ['20241105010001', '20241105010001'],
    ['  2024 1105 0100 01\n', '20241105010001'],
    ['２０２４１１０５', '20241105'],
    ['WL-GW-0007', 'WL-GW-0007'],
    ['aa:bb', null],
    // Behind a name.
    ['SN:20241105010001', '20241105010001'],
    ['S/N: 2024 1105', '20241105'],
    ['sn=20241105010001', '20241105010001'],
    ['Serial No.: AC-77/1', null],
    ['Serial No.: AC77-1', 'AC77-1'],
    ['SN：20241105010001', '20241105010001'],
    ['序列号：20241105010001', '20241105010001'],
    ['IMEI:865501043954677;SN:20241105010001;ICCID:89860', '20241105010001'],
    ['Model:ADW300-4G SN:20241105010001', '20241105010001'],
    ['MODEL=AWT100\r\nS/N=12306260100\r\nMADE IN CHINA', '12306260100'],
    ['IMEI:865501043954677', '865501043954677'],
    // In a web address.
    ['https://iot.example.com/bind?sn=20241105010001&type=gw', '20241105010001'],
    ['HTTPS://EXAMPLE.COM/?SN=ABC123', 'ABC123'],
    ['http://example.com/#/add?deviceId=12306260100', '12306260100'],
    ['weixin://example/x?serial_number=77-12', '77-12'],
    ['https://example.com/d/20241105010001', '20241105010001'],
    ['https://example.com/d/20241105010001/', '20241105010001'],
    ['https://example.com/about', null],
    // In JSON.
    ['{"sn":"20241105010001","model":"AWT100"}', '20241105010001'],
    ['{"device":{"SN":20241105},"id":"7"}', '20241105'],
    ['{"id":"9"}', '9'],
    ['{"model":"AWT100"}', null],
    ['{"sn":', null],
    // Beside a model.
    ['AWT100-4G 12306260100', '12306260100'],
    ['AWT100-4G,12306260100', '12306260100'],
    ['12306260100 12306260101', null],
    // No serial at all.
    ['', null],
    ['ACREL', null],
    ['made in China', null],
    [`${'9'.repeat(65)}`, null],
  ])('%j is %j', (label, serial) => {
    expect(serialOfLabel(label)).toBe(serial);
  });

  test('law: a serial is found in every way it can be written', () => {
    const serials = fc.stringMatching(/^[A-Z]{0,3}[0-9]{8,20}$/);
    fc.assert(
      fc.property(serials, (serial) => {
        const written = [
          serial,
          ` ${serial} `,
          `SN:${serial}`,
          `s/n : ${serial}`,
          `https://example.com/a?sn=${serial}`,
          JSON.stringify({ sn: serial }),
          `MODEL:X1;SN:${serial};VER:2`,
        ];
        for (const label of written) expect(serialOfLabel(label)).toBe(serial);
      }),
    );
  });

  test('law: any text is answered, and an answer is a serial', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 200 }), fc.json()), (label) => {
        expect(serialOfLabel(label) ?? 'A1').toMatch(/^[A-Za-z0-9._-]{1,64}$/);
      }),
    );
  });
});
