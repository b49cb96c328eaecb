/** A file as text: Vite does it by itself, and for the build a plugin in tsup.config.ts. */
declare module '*?raw' {
  const text: string;
  export default text;
}
