// SPDX-License-Identifier: Apache-2.0
/** Errors the registry's callers can do something about. Each says what to do next. */
import { RequestError } from '@wattledger/platform';

export interface FieldFault {
  readonly path: string;
  readonly message: string;
}

/** The thing is not there, or not in this project: both look alike, so that nothing leaks. */
export function notFound(what: string): RequestError {
  return new RequestError({
    status: 404,
    code: 'not-found',
    message: `There is no such ${what} here.`,
    hint: 'Check the id, and that it belongs to this project.',
  });
}

/** Well-formed, but not acceptable; `faults` name the fields. */
export function invalid(faults: readonly FieldFault[], hint?: string): RequestError {
  return new RequestError({
    status: 422,
    code: 'invalid',
    message: faults
      .map((fault) => (fault.path === '' ? fault.message : `${fault.path}: ${fault.message}`))
      .join('; '),
    ...(hint === undefined ? {} : { hint }),
    faults,
  });
}

/** Would contradict what is there. */
export function conflict(code: string, message: string, hint: string): RequestError {
  return new RequestError({ status: 409, code, message, hint });
}

export function forbidden(message: string, hint: string): RequestError {
  return new RequestError({ status: 403, code: 'forbidden', message, hint });
}

interface ConstraintFault {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
}

/**
 * What the database's own constraints mean to a caller. Services check beforehand where they can say more; these
 * hold against races and mistakes of ours.
 */
const constraintFaults: Readonly<Record<string, ConstraintFault>> = {
  projects_code_once: {
    code: 'duplicate-code',
    message: 'Another project has this code.',
    hint: 'Choose another code; codes of projects are unique in the group.',
  },
  places_code_once: {
    code: 'duplicate-code',
    message: 'Another place of the project has this code.',
    hint: 'Choose another code, or change the place that has it.',
  },
  tenants_code_once: {
    code: 'duplicate-code',
    message: 'Another tenant of the project has this code.',
    hint: 'Choose another code, or change the tenant that has it.',
  },
  gateways_code_once: {
    code: 'duplicate-code',
    message: 'Another gateway of the project has this code.',
    hint: 'Choose another code, or change the gateway that has it.',
  },
  gateways_address_once: {
    code: 'duplicate-address',
    message: 'Another gateway of the project has this address.',
    hint: 'Two pollers on one line would take each other’s answers: put the meters on the gateway that is there.',
  },
  gateways_called_name_once: {
    code: 'duplicate-address',
    message: 'Another gateway of the group calls in with this name.',
    hint: 'Give the gateway another registration or serial, or change the gateway that has it.',
  },
  meters_serial_once: {
    code: 'duplicate-serial',
    message: 'Another meter of the project has this serial.',
    hint: 'Check the serial on the meter’s plate, or change the meter that has it.',
  },
  meters_address_once: {
    code: 'duplicate-address',
    message: 'Another meter on this gateway has this unit id.',
    hint: 'Give the meter another unit id on the bus, or move it to another gateway.',
  },
  meters_line_address_once: {
    code: 'duplicate-address',
    message: 'Another meter on this gateway has this line address.',
    hint: 'Check the address on the meter’s plate, or move the meter to another gateway.',
  },
  metering_points_code_once: {
    code: 'duplicate-code',
    message: 'Another metering point of the project has this code.',
    hint: 'Choose another code, or change the metering point that has it.',
  },
  parent_links_one_parent: {
    code: 'parent-overlap',
    message: 'The metering point would have two parents at the same time.',
    hint: 'End the earlier link where the later one begins.',
  },
  mountings_register_once: {
    code: 'register-mounted-twice',
    message: 'The meter’s register would count at two metering points at the same time.',
    hint: 'End its other mounting first, or choose another meter or register.',
  },
  mountings_point_once: {
    code: 'point-occupied',
    message: 'Another meter is mounted at the metering point during that time.',
    hint: 'Use an exchange, or end the other mounting first.',
  },
  alarm_schemes_class_once: {
    code: 'duplicate-class',
    message: 'Another alarm scheme of the project is for this class.',
    hint: 'Change the scheme that is there.',
  },
  staff_login_once: {
    code: 'duplicate-login',
    message: 'This login is taken.',
    hint: 'Choose another login, or give the person who has it the roles.',
  },
};

/** Turns a violated constraint into the answer for a caller; anything else passes as it is. */
export function asRequestError(error: unknown): unknown {
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  if (typeof code !== 'string' || !code.startsWith('23') || typeof constraint !== 'string') return error;
  const fault = constraintFaults[constraint];
  if (fault !== undefined) return new RequestError({ status: 409, ...fault });
  if (code === '23503') {
    return new RequestError({
      status: 409,
      code: 'still-referred-to',
      message: 'Something else refers to this, or this refers to something that is not in the project.',
      hint: 'Remove what refers to it first; refer only to things of the same project.',
    });
  }
  return error;
}
