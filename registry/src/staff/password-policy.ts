// SPDX-License-Identifier: Apache-2.0
/**
 * Which passwords are taken. Length decides (NIST SP 800-63B-4 §3.1.1): no rules about kinds of characters, but nothing
 * that stands at the head of every guesser's list.
 */
import { passwordLengthMax, passwordLengthMin } from '@wattledger/contracts/http/registry';

/** Heads of public lists of leaked passwords, ten characters and longer, and our own field's favourites. */
const common = new Set(
  `1234567890 0123456789 0987654321 1234567891 12345678910 123456789a a123456789 1q2w3e4r5t 1qaz2wsx3edc qwertyuiop
  qwerty12345 qwerty123456 qwertyuiop123 1234qwerasdf asdfghjkl1 asdfghjkl123 zxcvbnm123 zaq12wsx1 1q2w3e4r5t6y q1w2e3r4t5
  q1w2e3r4t5y6 password12 password123 password1234 password12345 passw0rd12 passw0rd123 p@ssw0rd123 p@ssword123 pass123456
  passwordpassword mypassword mypassword1 newpassword changeme123 changemenow letmein123 letmeinnow welcome123 welcome1234
  welcome2024 welcome2025 welcome2026 iloveyou12 iloveyou123 iloveyou1234 iloveyouforever abcd123456 abc123456789 abcdefghij
  abcdef1234 abcdefg123 aa12345678 aa123456789 a1234567890 woaini1314 woaini5201314 woaini520 5201314520 1314520520
  administrator administrator1 admin12345 admin123456 admin1234567 adminadmin adminadmin1 root123456 rootroot12 superadmin
  superuser1 superman123 batman12345 football123 baseball123 basketball liverpool1 liverpool123 manchester manchester1
  chelsea123 arsenal123 princess123 sunshine123 michael123 jennifer123 charlie123 dragon12345 monkey12345 monkey123456
  starwars123 pokemon123 computer123 internet123 whatever123 trustno1234 electricity electricity1 energy12345 energy123456
  powermeter powermeter1 metering123 wattledger wattledger1 wattledger123 wattmeter123 default123 default1234 password01!
  summer2024! summer2025! summer2026! winter2024! winter2025! winter2026! spring2026! autumn2026! monday12345
  correcthorsebatterystaple 11111111111 12341234123 1111122222 1122334455 11223344556 9876543210 147258369 1472583690
  159753456852 741852963 7418529630 963852741 789456123 7894561230 456789123`
    .split(/\s+/)
    .filter((word) => word !== ''),
);

const rows = ['0123456789', 'abcdefghijklmnopqrstuvwxyz', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm'];

/**
 * Why a password is refused, or null when it is taken.
 * `about` are words of the person (login, name, e-mail): a password that is hardly more than one of them is refused.
 */
export function faultOfPassword(password: string, about: readonly string[]): string | null {
  const characters = [...password];
  if (characters.length < passwordLengthMin)
    return `the password must have at least ${passwordLengthMin} characters`;
  if (password.length > passwordLengthMax)
    return `the password must have at most ${passwordLengthMax} characters`;
  const plain = password.toLowerCase().normalize('NFKC');
  if (common.has(plain)) return 'this password stands on every list that guessers try first; choose another';
  if (isRepetition(plain)) return 'the password repeats a few characters; choose another';
  if (isRun(plain)) return 'the password is a row of the keyboard or of the alphabet; choose another';
  if (isHardlyMoreThan(plain, about)) {
    return 'the password is made of the login or the name; choose another';
  }
  return null;
}

/** abcabcabcabc: one to four characters, over and over. */
function isRepetition(text: string): boolean {
  for (let period = 1; period <= 4; period += 1) {
    if (
      text ===
      text
        .slice(0, period)
        .repeat(Math.ceil(text.length / period))
        .slice(0, text.length)
    )
      return true;
  }
  return false;
}

/** Nothing but one stretch of a row, forwards or backwards, round the end too. */
function isRun(text: string): boolean {
  return rows.some((row) => {
    const forwards = row.repeat(Math.ceil(text.length / row.length) + 1);
    return forwards.includes(text) || [...forwards].reverse().join('').includes(text);
  });
}

/** The person's own words with fewer than four letters or digits of something else. */
function isHardlyMoreThan(text: string, about: readonly string[]): boolean {
  const words = about
    .flatMap((entry) =>
      entry
        .toLowerCase()
        .normalize('NFKC')
        .split(/[\s@._+-]+/),
    )
    .filter((word) => word.length >= 3)
    .sort((a, b) => b.length - a.length);
  const rest = words.reduce((left, word) => left.replaceAll(word, ''), text);
  return rest !== text && rest.replaceAll(/[^\p{L}\p{N}]/gu, '').length < 4;
}
