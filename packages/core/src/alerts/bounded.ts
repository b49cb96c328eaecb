/** Puts something into a map that holds so many at the most: of those that are there the oldest makes room. */
export function putBounded<Key, Value>(map: Map<Key, Value>, most: number, [key, value]: readonly [Key, Value]): void {
  if (!map.has(key) && map.size >= most) map.delete(map.keys().next().value as Key);
  map.set(key, value);
}
