// SPDX-License-Identifier: Apache-2.0
export { SimulatedMqttGateway, type MqttGatewayOptions } from './mqtt-gateway.ts';
export type { SummaryImage } from './summary-image.ts';
export { SimulatedUploadMeter, type UploadMeterOptions } from './upload-meter.ts';
