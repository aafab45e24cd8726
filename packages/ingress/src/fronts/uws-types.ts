/** The part of uWebSockets.js that the engine uses, typed here because three differing builds may stand behind it. */

export interface UwsRequest {
  forEach(visit: (name: string, value: string) => void): void;
  getCaseSensitiveMethod(): string;
  getUrl(): string;
  /** Undefined (or empty, by build) when the target has no `?`. */
  getQuery(): string | undefined;
}

export interface UwsResponse {
  /** Written as it is between `HTTP/1.1 ` and CRLF. */
  writeStatus(status: string | Uint8Array): UwsResponse;
  writeHeader(name: string, value: string | Uint8Array): UwsResponse;
  write(chunk: Uint8Array): boolean;
  end(body?: string | Uint8Array, closeConnection?: boolean): UwsResponse;
  endWithoutBody(reportedContentLength?: number, closeConnection?: boolean): UwsResponse;
  tryEnd(chunk: Uint8Array, totalSize: number): [boolean, boolean];
  getWriteOffset(): number;
  onWritable(handler: (offset: number) => boolean): UwsResponse;
  onAborted(handler: () => void): UwsResponse;
  onData(handler: (chunk: ArrayBuffer, isLast: boolean) => void): UwsResponse;
  getRemoteAddress(): ArrayBuffer;
  cork(callback: () => void): UwsResponse;
  pause(): void;
  resume(): void;
  close(): UwsResponse;
}

export interface UwsApp {
  any(pattern: string, handler: (res: UwsResponse, req: UwsRequest) => void): UwsApp;
  listen(
    host: string,
    port: number,
    options: number,
    callback: (token: UwsListenSocket | false) => void,
  ): UwsApp;
  close(): UwsApp;
}

declare const listenSocket: unique symbol;
export interface UwsListenSocket {
  readonly [listenSocket]: true;
}

export interface UwsModule {
  App(options?: object): UwsApp;
  SSLApp(options: { readonly cert_file_name: string; readonly key_file_name: string }): UwsApp;
  us_listen_socket_close(token: UwsListenSocket): void;
  us_socket_local_port(token: UwsListenSocket): number;
  readonly LIBUS_LISTEN_EXCLUSIVE_PORT: number;
  _cfg?(key: string): void;
}
