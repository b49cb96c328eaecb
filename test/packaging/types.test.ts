import ts from 'typescript';
import { beforeAll, expect, test } from 'vitest';
import { ensureBuilt, root } from './built.js';

beforeAll(() => ensureBuilt('index.d.ts'), 120_000);

/** What a program does with the types of the package, after it has imported `OpenAI` and the namespace `all`. */
const USES = `
const client = new OpenAI({ apiKey: 'k', router: { endpoints: [{ id: 'seoul', baseURL: 'https://seoul.example.com/v1', apiKey: 'k' }] } });
const message: OpenAI.ChatCompletionMessageParam = { role: 'user', content: 'hi' };
const params: OpenAI.Chat.ChatCompletionCreateParamsNonStreaming = { model: 'm', messages: [message] };
export const answer: Promise<OpenAI.Chat.ChatCompletion> = client.chat.completions.create(params, { router: { endpoint: 'seoul' } });
export const undo: () => void = client.on('failover', ({ from, to }) => console.log(from, to));
export const target: string | undefined = all.routeOf(answer)?.target;
export const azure = new all.AzureOpenAI({ apiKey: 'k', endpoint: 'https://azure.example.com', apiVersion: '1', router: {} });
export const isOurs: boolean = all.isNoTargetError(new Error('no'));
`;

const IMPORT = "import OpenAI, * as all from 'breakwater';";
const REQUIRE = "import all = require('breakwater'); import OpenAI = all.OpenAI;";

/** Programs by the names of their files: .mts is an ES module, .cts is CommonJS. */
type Programs = Readonly<Record<string, string>>;

/**
 * What the compiler finds wrong in programs and in the built types, which it finds by the package's name as a user's compiler does.
 * Without the workspace's own settings, and with the type files checked as well.
 */
function faultsIn(programs: Programs, moduleResolution: 'nodenext' | 'bundler'): readonly string[] {
  const isBundler = moduleResolution === 'bundler';
  const sources = new Map(Object.entries(programs).map(([name, text]) => [`${root}test/packaging/${name}`, text]));
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    esModuleInterop: true,
    target: ts.ScriptTarget.ES2022,
    module: isBundler ? ts.ModuleKind.ESNext : ts.ModuleKind.NodeNext,
    moduleResolution: isBundler ? ts.ModuleResolutionKind.Bundler : ts.ModuleResolutionKind.NodeNext,
    types: ['node'],
  };
  const host = ts.createCompilerHost(options);
  host.getCurrentDirectory = () => root;
  const { getSourceFile, fileExists } = host;
  host.fileExists = (path) => sources.has(path) || fileExists(path);
  host.getSourceFile = (path, settings, ...rest) => {
    const text = sources.get(path);
    return text === undefined ? getSourceFile(path, settings, ...rest) : ts.createSourceFile(path, text, settings);
  };
  const program = ts.createProgram([...sources.keys()], options, host);
  // The official types have been checked by those who made them.
  const ours = program
    .getSourceFiles()
    .filter(({ fileName }) => sources.has(fileName) || /packages\/\w+\/dist\//.test(fileName));
  return ours.flatMap((file) =>
    [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)].map(
      ({ messageText }) => `${file.fileName.slice(root.length)}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`,
    ),
  );
}

let faults: readonly string[];
const isMistaken = (fault: string) => fault.startsWith('test/packaging/wrong.');

beforeAll(() => {
  const wrong = `${IMPORT} export const client = new OpenAI({ router: { endpoint: 1 } }); export const target: number = all.routeOf(1)?.target;`;
  const right = { 'user.mts': IMPORT + USES, 'imports.cts': IMPORT + USES, 'requires.cts': REQUIRE + USES };
  faults = faultsIn({ ...right, 'wrong.mts': wrong, 'wrong.cts': wrong }, 'nodenext');
}, 120_000);

test('the types serve ES modules and CommonJS modules, by import and by require', () => {
  expect(faults.filter((fault) => !isMistaken(fault))).toEqual([]);
});

test('the types serve a bundled program', () => {
  expect(faultsIn({ 'bundled.ts': IMPORT + USES }, 'bundler')).toEqual([]);
}, 120_000);

test('the types of the package show a mistake', () => {
  expect(faults.filter(isMistaken)).toHaveLength(4);
});
