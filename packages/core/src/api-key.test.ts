import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { API_KEY_LENGTH, apiKeyDisplay, generateApiKey, hideApiKeys, isApiKeyForm } from "./api-key.js";

describe("api key", () => {
  it("has the documented form and passes its own check", () => {
    for (let i = 0; i < 200; i++) {
      const key = generateApiKey();
      expect(key).toMatch(/^lk_[0-9A-Za-z]{49}$/);
      expect(key).toHaveLength(API_KEY_LENGTH);
      expect(isApiKeyForm(key)).toBe(true);
    }
  });

  it("refuses every single-character typo and every swap of neighbours", () => {
    const key = generateApiKey();
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: key.length - 1 }),
        fc.string({ minLength: 1, maxLength: 1 }),
        (at, c) => {
          const typo = key.slice(0, at) + c + key.slice(at + 1);
          expect(isApiKeyForm(typo)).toBe(typo === key);
        },
      ),
    );
    for (let i = 0; i + 1 < key.length; i++) {
      const swapped = key.slice(0, i) + key[i + 1] + key[i] + key.slice(i + 2);
      expect(isApiKeyForm(swapped)).toBe(swapped === key);
    }
  });

  it("refuses anything else without throwing", () => {
    fc.assert(fc.property(fc.string(), (text) => !isApiKeyForm(text)));
  });

  it("is hidden in other text, and nothing else is", () => {
    const [one, other] = [generateApiKey(), generateApiKey()];
    const hidden = `/a/${apiKeyDisplay(one)}/lk_/${apiKeyDisplay(other)}`;
    expect(hideApiKeys(`/a/${one}/lk_/${other}`)).toBe(hidden);
    expect(hideApiKeys("/lk_short/x")).toBe("/lk_short/x");
  });

  it("is hidden in other text however its characters are percent-encoded", () => {
    const encoded = (char: string, isLower: boolean) => {
      const hex = char.charCodeAt(0).toString(16);
      return `%${isLower ? hex : hex.toUpperCase()}`;
    };
    const kinds = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 52, maxLength: 52 });
    fc.assert(
      fc.property(kinds, (kinds) => {
        const key = generateApiKey();
        const text = [...key]
          .map((char, i) => (kinds[i] === 0 ? char : encoded(char, kinds[i] === 1)))
          .join("");
        expect(hideApiKeys(`/a%20b/${text}/${key}`)).toBe(
          `/a%20b/${apiKeyDisplay(key)}/${apiKeyDisplay(key)}`,
        );
      }),
    );
    expect(hideApiKeys("/lk%5Fshort/%zz/%")).toBe("/lk%5Fshort/%zz/%");
  });

  it("is hidden when it was percent-encoded several times, or its encoding was", () => {
    const key = generateApiKey();
    const shown = apiKeyDisplay(key);
    const rest = key.slice(1);
    for (const first of ["%256c", "%25256C", "%252525256c", "%%36c", "%25%36%63", "%256%63"]) {
      const hidden = hideApiKeys(`/a%20b/${first}${rest}`);
      expect(hidden, first).not.toContain(key.slice(9));
      expect(hidden, first).toContain(shown);
    }
    const twice = encodeURIComponent([...key].map((c) => `%${c.charCodeAt(0).toString(16)}`).join(""));
    expect(hideApiKeys(`/a%20b/${twice}/${key}`)).toBe(`/a%20b/${shown}/${shown}`);
    expect(hideApiKeys("/lk%255Fshort/%25zz/%25")).toBe("/lk%255Fshort/%25zz/%25");
  });

  it("displays nine characters and no more", () => {
    const key = generateApiKey();
    expect(apiKeyDisplay(key)).toBe(`${key.slice(0, 9)}…`);
  });
});
