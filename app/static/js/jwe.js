// A text encrypted to a public key as a compact JWE (RFC 7516), by the browser's own cryptography.

const ALG = "RSA-OAEP-256";
const ENC = "A256GCM";
const TAG_BYTES = 16;

const text = new TextEncoder();

const base64url = (bytes) =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

export const canSeal = () => Boolean(window.isSecureContext && window.crypto?.subtle);

export const seal = async (jwk, content) => {
  const { subtle } = window.crypto;
  const { kty, n, e, kid } = jwk;
  const outer = await subtle.importKey("jwk", { kty, n, e, alg: ALG }, { name: "RSA-OAEP", hash: "SHA-256" }, false, ["encrypt"]);
  const head = base64url(text.encode(JSON.stringify({ alg: ALG, enc: ENC, kid })));
  const raw = window.crypto.getRandomValues(new Uint8Array(32));
  const iv = window.crypto.getRandomValues(new Uint8Array(12));
  const inner = await subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt"]);
  const wrapped = await subtle.encrypt({ name: "RSA-OAEP" }, outer, raw);
  raw.fill(0);
  const options = { name: "AES-GCM", iv, additionalData: text.encode(head), tagLength: 8 * TAG_BYTES };
  const sealed = await subtle.encrypt(options, inner, text.encode(content));
  const end = sealed.byteLength - TAG_BYTES;
  return [head, ...[wrapped, iv, sealed.slice(0, end), sealed.slice(end)].map(base64url)].join(".");
};
