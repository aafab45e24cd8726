/**
 * `multipleOf` of JSON Schema, by the decimals that JSON texts have: 19.99 is a multiple of 0.01, though the quotient of their
 * doubles is no integer.
 */

/** Both are finite; the divisor is above zero. */
export function isMultipleOf(value: number, divisor: number): boolean {
  if (Number.isSafeInteger(value) && Number.isSafeInteger(divisor)) return value % divisor === 0;
  const [digits, exponent] = decimalOf(value);
  const [divisorDigits, divisorExponent] = decimalOf(divisor);
  const common = Math.min(exponent, divisorExponent);
  const scaled = (number: bigint, from: number) => number * 10n ** BigInt(from - common);
  return scaled(digits, exponent) % scaled(divisorDigits, divisorExponent) === 0n;
}

/** The shortest decimal that reads as this double, as digits × 10^exponent. At most 17 digits, and exponents to ±341. */
function decimalOf(value: number): readonly [digits: bigint, exponent: number] {
  const [mantissa = "", exponent = ""] = value.toExponential().split("e");
  const point = mantissa.indexOf(".");
  return [
    BigInt(mantissa.replace(".", "")),
    Number(exponent) - (point < 0 ? 0 : mantissa.length - point - 1),
  ];
}
