/**
 * What breakwater adds to the official types. The clients are exported under the official types themselves, because a subclass would
 * lose the namespace that goes with them (`OpenAI.Chat.ChatCompletion` and some hundred more); so what is ours has to be added there.
 *
 * `RequestOptions` is an alias and cannot be added to. The methods whose requests may go elsewhere get their overloads a second
 * time instead, with our options. The compiler tries those first, and takes parameter and return types from the last of them:
 * they must say the same as the official ones, in the same order, for every supported major.
 */
import type { EventName, Listener } from '@breakwater/core';
import type { APIPromise, OpenAI } from 'openai';
import type { Stream } from 'openai/core/streaming';
import type { ChatCompletionStream, ChatCompletionStreamParams } from 'openai/lib/ChatCompletionStream';
import type { ExtractParsedContentFromParams as ParsedChat } from 'openai/lib/parser';
import type {
  ExtractParsedContentFromParams as ParsedText,
  ResponseCreateParamsWithTools,
} from 'openai/lib/ResponsesParser';
import type { ResponseStream, ResponseStreamParams } from 'openai/lib/responses/ResponseStream';
import type { RouterOptions } from './options.js';
import type { RequestRouterOptions } from './request-options.js';
import type { Router } from './router.js';

/**
 * The official options of one request, and `router`. An options object that is kept in a variable needs this type; one that is written
 * in place does not.
 */
export type RoutedRequestOptions = OpenAI.RequestOptions & {
  /** What is different for this request: the endpoint, other models, other limits. */
  router?: RequestRouterOptions | undefined;
};

/** Some majors know a `parseAs` that decides the type of the answer; with it the official overload has to be taken. */
type WithoutParseAs = RoutedRequestOptions & { parseAs?: never };

/** Some majors answer `base64` with another type; for it the official overload has to be taken. */
type NumbersOnly<Params> = Params extends { encoding_format: 'base64' } ? never : unknown;

declare module 'openai/client' {
  interface ClientOptions {
    /** Several targets instead of one, and what happens when one fails; `{}` is enough. @default none: the plain official client */
    router?: RouterOptions | undefined;
  }

  interface OpenAI {
    /** A look inside the router. @throws OptionsError on a client without one */
    readonly router: Router;
    /** Listens to an event of the router; the answer undoes it. @throws OptionsError on a client without a router */
    on<Name extends EventName>(name: Name, listener: Listener<Name>): () => void;
    /** Listens for one event; the answer undoes it. @throws OptionsError on a client without a router */
    once<Name extends EventName>(name: Name, listener: Listener<Name>): () => void;
    /** Stops listening. @throws OptionsError on a client without a router */
    off<Name extends EventName>(name: Name, listener: Listener<Name>): void;
  }
}

declare module 'openai/lib/AbstractChatCompletionRunner' {
  interface RunnerOptions {
    /** What is different for the requests of this run: the endpoint, other models, other limits. */
    router?: RequestRouterOptions | undefined;
  }
}

declare module 'openai/resources/chat/completions/completions' {
  interface Completions {
    create(body: ChatCompletionCreateParamsNonStreaming, options?: RoutedRequestOptions): APIPromise<ChatCompletion>;
    create(
      body: ChatCompletionCreateParamsStreaming,
      options?: RoutedRequestOptions,
    ): APIPromise<Stream<ChatCompletionChunk>>;
    create(
      body: ChatCompletionCreateParamsBase,
      options?: RoutedRequestOptions,
    ): APIPromise<Stream<ChatCompletionChunk> | ChatCompletion>;
    parse<Params extends ChatCompletionParseParams, Parsed = ParsedChat<Params>>(
      body: Params,
      options?: RoutedRequestOptions,
    ): APIPromise<ParsedChatCompletion<Parsed>>;
    stream<Params extends ChatCompletionStreamParams, Parsed = ParsedChat<Params>>(
      body: Params,
      options?: RoutedRequestOptions,
    ): ChatCompletionStream<Parsed>;
  }
}

declare module 'openai/resources/responses/responses' {
  interface Responses {
    create(body: ResponseCreateParamsNonStreaming, options?: RoutedRequestOptions): APIPromise<Response>;
    create(
      body: ResponseCreateParamsStreaming,
      options?: RoutedRequestOptions,
    ): APIPromise<Stream<ResponseStreamEvent>>;
    create(
      body: ResponseCreateParamsBase,
      options?: RoutedRequestOptions,
    ): APIPromise<Stream<ResponseStreamEvent> | Response>;
    parse<Params extends ResponseCreateParamsWithTools, Parsed = ParsedText<Params>>(
      body: Params,
      options?: WithoutParseAs,
    ): APIPromise<ParsedResponse<Parsed>>;
    stream<Params extends ResponseStreamParams, Parsed = ParsedText<Params>>(
      body: Params,
      options?: WithoutParseAs,
    ): ResponseStream<Parsed>;
  }
}

declare module 'openai/resources/embeddings' {
  interface Embeddings {
    create<Params extends EmbeddingCreateParams>(
      body: Params & NumbersOnly<Params>,
      options?: RoutedRequestOptions,
    ): APIPromise<CreateEmbeddingResponse>;
  }
}

declare module 'openai/resources/completions' {
  interface Completions {
    create(body: CompletionCreateParamsNonStreaming, options?: RoutedRequestOptions): APIPromise<Completion>;
    create(body: CompletionCreateParamsStreaming, options?: RoutedRequestOptions): APIPromise<Stream<Completion>>;
    create(
      body: CompletionCreateParamsBase,
      options?: RoutedRequestOptions,
    ): APIPromise<Stream<Completion> | Completion>;
  }
}

declare module 'openai/resources/moderations' {
  interface Moderations {
    create(body: ModerationCreateParams, options?: RoutedRequestOptions): APIPromise<ModerationCreateResponse>;
  }
}

declare module 'openai/resources/images' {
  interface Images {
    createVariation(body: ImageCreateVariationParams, options?: RoutedRequestOptions): APIPromise<ImagesResponse>;
    edit(body: ImageEditParamsNonStreaming, options?: RoutedRequestOptions): APIPromise<ImagesResponse>;
    edit(body: ImageEditParamsStreaming, options?: RoutedRequestOptions): APIPromise<Stream<ImageEditStreamEvent>>;
    edit(
      body: ImageEditParamsBase,
      options?: RoutedRequestOptions,
    ): APIPromise<Stream<ImageEditStreamEvent> | ImagesResponse>;
    generate(body: ImageGenerateParamsNonStreaming, options?: RoutedRequestOptions): APIPromise<ImagesResponse>;
    generate(
      body: ImageGenerateParamsStreaming,
      options?: RoutedRequestOptions,
    ): APIPromise<Stream<ImageGenStreamEvent>>;
    generate(
      body: ImageGenerateParamsBase,
      options?: RoutedRequestOptions,
    ): APIPromise<Stream<ImageGenStreamEvent> | ImagesResponse>;
  }
}

declare module 'openai/resources/audio/speech' {
  interface Speech {
    create(body: SpeechCreateParams, options?: RoutedRequestOptions): APIPromise<Response>;
  }
}

declare module 'openai/resources/audio/transcriptions' {
  interface Transcriptions {
    create(
      body: TranscriptionCreateParamsNonStreaming<'json' | undefined>,
      options?: RoutedRequestOptions,
    ): APIPromise<Transcription>;
    create(
      body: TranscriptionCreateParamsNonStreaming<'verbose_json'>,
      options?: RoutedRequestOptions,
    ): APIPromise<TranscriptionVerbose>;
    create(
      body: TranscriptionCreateParamsNonStreaming<'srt' | 'vtt' | 'text'>,
      options?: RoutedRequestOptions,
    ): APIPromise<string>;
    create(body: TranscriptionCreateParamsNonStreaming, options?: RoutedRequestOptions): APIPromise<Transcription>;
    create(
      body: TranscriptionCreateParamsStreaming,
      options?: RoutedRequestOptions,
    ): APIPromise<Stream<TranscriptionStreamEvent>>;
    create(
      body: TranscriptionCreateParams,
      options?: RoutedRequestOptions,
    ): APIPromise<TranscriptionCreateResponse | string | Stream<TranscriptionStreamEvent>>;
  }
}

declare module 'openai/resources/audio/translations' {
  interface Translations {
    create(body: TranslationCreateParams<'json' | undefined>, options?: RoutedRequestOptions): APIPromise<Translation>;
    create(
      body: TranslationCreateParams<'verbose_json'>,
      options?: RoutedRequestOptions,
    ): APIPromise<TranslationVerbose>;
    create(body: TranslationCreateParams<'text' | 'srt' | 'vtt'>, options?: RoutedRequestOptions): APIPromise<string>;
    create(body: TranslationCreateParams, options?: RoutedRequestOptions): APIPromise<Translation>;
  }
}
