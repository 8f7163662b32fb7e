// What can be said of a card while it is typed: brand, groups, whether it can be right at all.

const BRANDS = [
  { name: "Amex", begins: /^3[47]/, lengths: [15], groups: [4, 6, 5], code: 4 },
  { name: "Visa", begins: /^4/, lengths: [13, 16, 19] },
  { name: "Mastercard", begins: /^(5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, lengths: [16] },
  { name: "RuPay", begins: /^(508|81|82|652[12]|60(?!11))/, lengths: [16] },
  { name: "Discover", begins: /^(6011|64[4-9]|65)/, lengths: [16, 17, 18, 19] },
  { name: "Diners", begins: /^(30[0-5]|36|3[89])/, lengths: [14, 16, 19], groups: [4, 6, 4] },
  { name: "JCB", begins: /^35(2[89]|[3-8])/, lengths: [16, 17, 18, 19] },
  { name: "Maestro", begins: /^(50|5[6-9]|6)/, lengths: [12, 13, 14, 15, 16, 17, 18, 19] },
];
const ANY = { name: "", lengths: [12, 13, 14, 15, 16, 17, 18, 19] };
const LONGEST = 19;

export const digitsOf = (typed) => typed.normalize("NFKC").replace(/\D/g, "");

export const brandOf = (number) => BRANDS.find((brand) => brand.begins.test(number)) ?? ANY;

export const grouped = (number) => {
  const cut = number.slice(0, LONGEST);
  const parts = [];
  let at = 0;
  for (const size of [...(brandOf(cut).groups ?? []), 4, 4, 4, 4, 4]) {
    if (at < cut.length) parts.push(cut.slice(at, at + size));
    at += size;
  }
  return parts.join(" ");
};

const isLuhn = (number) => {
  let sum = 0;
  [...number].reverse().forEach((digit, place) => {
    const value = Number(digit) * (place % 2 ? 2 : 1);
    sum += value > 9 ? value - 9 : value;
  });
  return sum % 10 === 0;
};

export const isNumber = (number) => brandOf(number).lengths.includes(number.length) && isLuhn(number);

// Autofill may write 07/2031 where a payer types 0731.
export const expiryOf = (typed) => {
  const digits = digitsOf(typed);
  const [month, year] = [digits.slice(0, 2), digits.slice(2)];
  if (!/^(0[1-9]|1[0-2])$/.test(month) || !/^(\d\d|20\d\d)$/.test(year)) return null;
  return { month, year: year.length === 2 ? `20${year}` : year };
};

export const isCurrent = (expiry, now = new Date()) => {
  const ends = new Date(Number(expiry.year), Number(expiry.month), 1);
  return ends > now && Number(expiry.year) < now.getFullYear() + 30;
};

export const expiryTyped = (typed, goesBack) => {
  let digits = digitsOf(typed).slice(0, 6);
  if (/^[2-9]/.test(digits)) digits = `0${digits}`;
  if (digits.length < 2 || (digits.length === 2 && goesBack)) return digits;
  return `${digits.slice(0, 2)} / ${digits.slice(2)}`;
};

export const isCode = (code, number) => {
  const wanted = brandOf(number);
  return wanted.name ? code.length === (wanted.code ?? 3) : /^\d{3,4}$/.test(code);
};
