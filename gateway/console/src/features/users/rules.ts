// 32 signs, none of which looks like another; so five bits of a random byte choose one.
const SIGNS = "abcdefghijkmnpqrstuvwxyz23456789";
const LENGTH = 12;

/** A first password: random, and easy to read out, such as k3fd-x7wm-h2qp. */
export function newPassword(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(LENGTH));
  const signs = Array.from(bytes, (byte) => SIGNS[byte & 31]).join("");
  return signs.replace(/(....)(?=.)/g, "$1-");
}
