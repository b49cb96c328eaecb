import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countTokens } from '../../../packages/client/src/request/count-tokens.js';

const PROSE = `Hi! I'm trying to set up a small web shop and I can't figure out why my checkout page won't load. Could you have a look?
Here's what I've tried so far: I restarted the server, cleared the cache, and checked the logs - nothing. Thanks a lot in advance!`;
const CODE = `export function usageOf(answer: unknown): Usage | undefined {
  const usage = usageIn(answer);
  if (!usage) return undefined;
  const inputTokens = tokensOf(usage.prompt_tokens ?? usage.input_tokens);
  return { inputTokens, HTTPStatus: 404 };
}`;
const JSON_TEXT =
  '[{"type":"function","function":{"name":"get_current_weather","description":"Get the current weather in a given location","parameters":{"type":"object","properties":{"location":{"type":"string","description":"The city and state, e.g. San Francisco, CA"},"unit":{"type":"string","enum":["celsius","fahrenheit"]}},"required":["location"]}}}]';
const KOREAN =
  '고양이는 식육목 고양이과에 속하는 포유류이다. 집고양이는 역사적으로 사람과 함께 살아온 동물로, 약 만 년 전부터 인류의 곁에서 쥐를 잡으며 길들여졌다고 알려져 있다. 안녕하세요, 주문한 상품이 아직 도착하지 않았는데 확인 부탁드립니다.';
const JAPANESE =
  '猫は、狭義には食肉目ネコ科ネコ属に分類されるリビアヤマネコが家畜化されたイエネコに対する通称である。人間によくなつくため、イヌと並ぶ代表的なペットとして世界中で広く飼われている。';
const CHINESE =
  '猫是哺乳纲食肉目猫科动物，广泛分布于世界各地，是人类最常见的宠物之一。它们通常在夜间活动，善于捕捉老鼠和小鸟，性格独立而温顺。请帮我检查一下订单的状态，谢谢。';
const GERMAN =
  'Die Hauskatze ist ein Haustier, das seit Jahrtausenden bei den Menschen lebt. Guten Tag, meine Bestellung ist noch nicht angekommen; könnten Sie bitte prüfen, wo sie geblieben ist? Vielen Dank für Ihre Bemühungen!';
const ARABIC =
  'القطة حيوان أليف من الثدييات يعيش مع الإنسان منذ آلاف السنين ويستخدم في صيد الفئران. مرحبا، أريد أن أسأل عن حالة طلبي الذي لم يصل حتى الآن، شكرا جزيلا لكم.';

describe('against the counts of o200k_base it is off by no more than so many per cent for', () => {
  test.each([
    ['a chat', PROSE, 58, 10],
    ['code', CODE, 57, 10],
    ['the schema of a tool', JSON_TEXT, 77, 10],
    ['Korean', KOREAN, 76, 18],
    ['Japanese', JAPANESE, 77, 18],
    ['Chinese', CHINESE, 69, 18],
    ['German', GERMAN, 47, 18],
    ['Arabic', ARABIC, 51, 18],
  ])('%s', (_what, text, known, percent) => {
    expect(Math.abs(countTokens(text) / known - 1) * 100).toBeLessThanOrEqual(percent);
  });
});

test.each([
  ['', 0],
  ['Hello', 1],
  ['Hello, world!', 4],
  ["don't", 1],
  ["'tis", 2],
  ['12345', 2],
  ['HTTPServer', 2],
  ['a\n\n  b', 4],
])('%j is %i', (text, tokens) => {
  expect(countTokens(text)).toBe(tokens);
});

test('of any text it is a whole number, and no more than two for every character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const tokens = countTokens(text);
      expect(Number.isInteger(tokens) && tokens >= 0 && tokens <= 2 * text.length).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('the time it takes grows with the text, not with its square', () => {
  // Square, they take minutes; as it is a few milliseconds, and a busy machine has room for more.
  const began = performance.now();
  for (const unit of ['a', 'A', '1', '!', "'", "a'", ' ', '\n', '가']) countTokens(unit.repeat(200_000));
  expect(performance.now() - began).toBeLessThan(2_000);
});
