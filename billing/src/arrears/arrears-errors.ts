// SPDX-License-Identifier: Apache-2.0
import { RequestError } from '@wattledger/platform';

const refusals = {
  'agreement-unknown': {
    status: 404,
    message: 'This project has no such arrears agreement.',
    hint: 'List the agreements of the project.',
  },
  'agreement-active': {
    status: 409,
    message: 'The account has an arrears agreement already.',
    hint: 'End that one; its rest goes back to the balance and can be agreed anew together with this debt.',
  },
  'agreement-over': {
    status: 409,
    message: 'The agreement is over: paid, ended or written down.',
    hint: 'Nothing was done. A new debt needs a new agreement.',
  },
  'agreement-refused': {
    status: 422,
    message: 'The agreement is not right as it stands.',
    hint: 'See the faults.',
  },
  'account-closed': {
    status: 409,
    message: 'The account is closed.',
    hint: 'What a closed account owes is taken by a top up of that amount.',
  },
} as const;

export const agreementRefused = (
  code: keyof typeof refusals,
  faults: readonly { readonly path: string; readonly message: string }[] = [],
): RequestError => new RequestError({ code, ...refusals[code], faults });
