/** Opens a stream to a control plane or a primary. Usage is encoded before it is sent, and chunks of snapshots stay encoded. */
import { type ChannelCredentials, type ClientDuplexStream, Metadata } from "@grpc/grpc-js";
import { grpcTarget, type NameResolver } from "@latchkey/observe";
import {
  SnapshotServiceClient,
  SnapshotServiceService,
  type SubscribeRequest,
  type SubscribeResponse,
} from "@latchkey/proto";
import { EncodedChunk, readResponse } from "./encoded-chunk.js";
import { EncodedUsage } from "./encoded-usage.js";

/** Usage comes encoded. */
export type Outgoing = SubscribeRequest | EncodedUsage;
/** The chunks of a snapshot stay encoded. */
export type Incoming = SubscribeResponse | EncodedChunk;

export type SnapshotStream = ClientDuplexStream<Outgoing, Incoming>;

/** The largest API: 16 Mi characters of operations, 8 Mi of schemas, and its document. Chunks of others are far smaller. */
const MAX_RECEIVE_BYTES = 64 * 1024 * 1024;

const CHANNEL_OPTIONS = {
  "grpc.keepalive_time_ms": 20_000,
  // A control plane that responds to each message 5 s late is slow, not gone; `silenceMs` finds those that are.
  "grpc.keepalive_timeout_ms": 10_000,
  "grpc.keepalive_permit_without_calls": 1,
  "grpc.enable_retries": 0, // the retry buffer of a call that lives for weeks is a leak (grpc-node #2371)
  "grpc.max_receive_message_length": MAX_RECEIVE_BYTES,
  // With HTTP/2's own 64 KiB a full snapshot is a matter of round trips: 6 MB took 6.7 s at 40 ms, and 0.76 s with this.
  "grpc-node.flow_control_window": 1024 * 1024,
  "grpc.use_local_subchannel_pool": 1, // a new attempt does not inherit the channel's own back-off
} as const;

export interface SnapshotStreamOptions {
  /** host:port */
  readonly address: string;
  readonly resolver: NameResolver;
  /** Called for each stream, so that renewed certificates count without a restart. */
  readonly credentials: () => ChannelCredentials;
  /** Empty: none is sent. */
  readonly token: string;
}

/** Returns at once: whether there is a connection shows on the stream. Close the client when the stream is over. */
export function openSnapshotStream(options: SnapshotStreamOptions): {
  readonly client: SnapshotServiceClient;
  readonly stream: SnapshotStream;
} {
  const target = grpcTarget(options.address, options.resolver);
  const client = new SnapshotServiceClient(target.target, options.credentials(), {
    ...CHANNEL_OPTIONS,
    ...target.options,
  });
  const metadata = new Metadata();
  if (options.token !== "") metadata.set("authorization", `Bearer ${options.token}`);
  const { path } = SnapshotServiceService.subscribe;
  return { client, stream: client.makeBidiStreamRequest(path, serialize, readResponse, metadata) };
}

function serialize(message: Outgoing): Buffer {
  return message instanceof EncodedUsage
    ? message.request()
    : SnapshotServiceService.subscribe.requestSerialize(message);
}
