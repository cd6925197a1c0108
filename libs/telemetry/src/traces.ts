import {
  type Attributes,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  isSpanContextValid,
  trace,
} from '@opentelemetry/api';

/** Where a request stands in a trace: its own span where traces are made, else only what its caller has sent along. */
export interface Traced {
  readonly traceId: string;
  /** W3C's header of it, for answers. Nothing of it goes to DingTalk. */
  readonly traceparent: string;
  readonly span?: Span;
}

/** A call that is over. */
interface Call {
  readonly name: string;
  readonly tookMs: number;
  readonly attributes: Attributes;
  readonly failure?: string;
}

/** Of a later version there may be more; ff is none. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.{0,200})?$/;
const LONGEST_STOP_MS = 2000;

function contextFrom(traceparent: unknown): SpanContext | undefined {
  if (typeof traceparent !== 'string') return undefined;
  const [, traceId = '', spanId = '', flags = '0'] = TRACEPARENT.exec(traceparent) ?? [];
  const context = { traceId, spanId, traceFlags: parseInt(flags, 16) & 1, isRemote: true };
  return isSpanContextValid(context) ? context : undefined;
}

function tracedBy({ traceId, spanId, traceFlags }: SpanContext, span?: Span): Traced {
  return { traceId, traceparent: `00-${traceId}-${spanId}-0${traceFlags}`, span };
}

function end(span: Span, failure: string | undefined, attributes: Attributes, endTime?: number): void {
  span.setAttributes({ ...attributes, ...(failure !== undefined && { 'error.type': failure }) });
  if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(endTime);
}

/** Traces of requests and of the calls made for them, for OpenTelemetry. Without a tracer it makes none. */
export class Traces {
  constructor(
    private readonly tracer?: Tracer,
    private readonly shutDown: () => Promise<void> = async () => undefined,
  ) {}

  /** With an exporter as the standard `OTEL_*` variables say. What it takes to load that is paid by whoever wants traces. */
  static async load(): Promise<Traces> {
    const [{ BasicTracerProvider, BatchSpanProcessor }, { OTLPTraceExporter }, resources] = await Promise.all([
      import('@opentelemetry/sdk-trace-base'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ]);
    const own = resources.resourceFromAttributes({ 'service.name': 'dingtalk-contact-gateway' });
    const told = resources.detectResources({ detectors: [resources.envDetector] });
    const provider = new BasicTracerProvider({
      resource: own.merge(told),
      spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
    });
    return new Traces(provider.getTracer('gateway'), () => provider.shutdown());
  }

  begin(traceparent: unknown): Traced | undefined {
    const parent = contextFrom(traceparent);
    if (!this.tracer) return parent && tracedBy(parent);
    const context = parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
    const span = this.tracer.startSpan('request', { kind: SpanKind.SERVER }, context);
    return tracedBy(span.spanContext(), span);
  }

  /** @param name of the route, never of what it was filled with: that may be a person's id. */
  end(traced: Traced | undefined, name: string, attributes: Attributes, failure?: string): void {
    if (!traced?.span) return;
    traced.span.updateName(name);
    end(traced.span, failure, attributes);
  }

  /** A call that was made for a request and has just ended. */
  call(within: Traced | undefined, { name, tookMs, attributes, failure }: Call): void {
    if (!this.tracer || !within?.span) return;
    const [context, endTime] = [trace.setSpan(ROOT_CONTEXT, within.span), Date.now()];
    const span = this.tracer.startSpan(name, { kind: SpanKind.CLIENT, startTime: endTime - tookMs }, context);
    end(span, failure, attributes, endTime);
  }

  /** Sends what is still to be sent, but does not wait for long. */
  async stop(): Promise<void> {
    const late = new Promise((done) => setTimeout(done, LONGEST_STOP_MS).unref());
    await Promise.race([this.shutDown().catch(() => undefined), late]);
  }
}
