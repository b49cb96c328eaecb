import * as ours from 'breakwater';
import * as official from 'openai';
import { VERSION } from 'openai/version';
import { describe, expect, test } from 'vitest';

const { OpenAI: Ours } = ours;
const { OpenAI: Official } = official;
const CLIENTS = new Set(['default', 'OpenAI', 'AzureOpenAI']);
const OWN_STATICS = new Set(['length', 'name', 'prototype', 'OpenAI']);

describe('the exports', () => {
  test('are compared with those of the major that this run is for', () => {
    const alias = process.env.OPENAI_INSTALLED_AS;
    expect(alias).toMatch(/^openai/);
    expect(`openai-v${VERSION.split('.')[0]}`).toBe(alias === 'openai' ? 'openai-v7' : alias);
  });

  test('are those of the official package, and the very same objects but for the clients', () => {
    const names = Object.keys(official).filter((name) => !CLIENTS.has(name));
    expect(names.length).toBeGreaterThan(15);
    const other = names.filter((name) => Reflect.get(ours, name) !== Reflect.get(official, name));
    expect(other).toEqual([]);
  });

  test('have clients that are subclasses under the same names', () => {
    expect(ours.default).toBe(Ours);
    expect(Object.getPrototypeOf(Ours)).toBe(Official);
    expect(Object.getPrototypeOf(ours.AzureOpenAI)).toBe(official.AzureOpenAI);
    expect([Ours.name, ours.AzureOpenAI.name]).toEqual([Official.name, official.AzureOpenAI.name]);
  });

  test('make clients that are instances of the official classes, with and without a router', () => {
    const azure = { apiKey: 'key', endpoint: 'http://127.0.0.1', apiVersion: '2024-10-21' };
    for (const extra of [{}, { router: {} }]) {
      expect(new Ours({ apiKey: 'key', ...extra })).toBeInstanceOf(Official);
      expect(new ours.AzureOpenAI({ ...azure, ...extra })).toBeInstanceOf(official.AzureOpenAI);
      expect(new ours.AzureOpenAI({ ...azure, ...extra })).toBeInstanceOf(Official);
    }
  });

  test('have the statics of the official class, and ours where it names itself', () => {
    const names = Object.getOwnPropertyNames(Official).filter((name) => !OWN_STATICS.has(name));
    expect(names.length).toBeGreaterThan(15);
    const other = names.filter((name) => Reflect.get(Ours, name) !== Reflect.get(Official, name));
    expect(other).toEqual([]);
    expect(Ours.OpenAI).toBe(Ours);
    expect([Ours.APIError, Ours.toFile, Ours.DEFAULT_TIMEOUT]).toEqual([official.APIError, official.toFile, 600_000]);
  });

  test('are called and constructed as the official ones are', () => {
    const { OpenAI: Called } = ours as unknown as { OpenAI: () => unknown };
    expect(() => Called()).toThrow(TypeError);
    expect(Ours.length).toBe(Official.length);
  });
});
