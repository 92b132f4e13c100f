using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace VmDataset.Tests;

/// <summary>A collector that keeps the spans it is sent, by OTLP over HTTP.</summary>
public sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<OtlpSpan> _spans = new();
    private readonly ConcurrentQueue<string> _paths = new();

    private OtlpCollector(WebApplication app) => _app = app;

    /// <summary>The variables that lead a process here.</summary>
    public Dictionary<string, string> Environment => new()
    {
        ["OTEL_EXPORTER_OTLP_ENDPOINT"] = _app.Urls.First(),
        ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        ["OTEL_BSP_SCHEDULE_DELAY"] = "100",
    };

    public IReadOnlyCollection<OtlpSpan> Spans => _spans;

    /// <summary>Of every request.</summary>
    public IReadOnlyCollection<string> Paths => _paths;

    /// <summary>Takes requests and never answers.</summary>
    public bool Hangs { get; set; }

    public static async Task<OtlpCollector> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var collector = new OtlpCollector(builder.Build());
        collector._app.Run(collector.TakeAsync);
        await collector._app.StartAsync();
        return collector;
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext context)
    {
        _paths.Enqueue(context.Request.Path);
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        if (Hangs) await Task.Delay(Timeout.Infinite, context.RequestAborted);
        if (context.Request.Path == "/v1/traces")
            foreach (var resource in Fields(body.ToArray(), 1)) Read(resource);
    }

    // Field numbers of opentelemetry/proto/trace/v1/trace.proto.
    private void Read(byte[] resourceSpans)
    {
        var service = Attributes(Fields(resourceSpans, 1).Single(), 1)["service.name"];
        foreach (var span in Fields(resourceSpans, 2).SelectMany(static scope => Fields(scope, 2)))
        {
            _spans.Enqueue(new OtlpSpan(service, Text(span, 5), Hex(span, 1), Hex(span, 2), Hex(span, 4), Attributes(span, 9)));
        }
    }

    private static string Text(byte[] message, int field) => Encoding.UTF8.GetString(Fields(message, field).SingleOrDefault() ?? []);

    private static string Hex(byte[] message, int field) => Convert.ToHexStringLower(Fields(message, field).SingleOrDefault() ?? []);

    private static Dictionary<string, string> Attributes(byte[] message, int field) =>
        Fields(message, field).ToDictionary(static pair => Text(pair, 1), static pair => Value(Fields(pair, 2).Single()));

    private static string Value(byte[] value) => Fields(value, 1) is [var text]
        ? Encoding.UTF8.GetString(text)
        : Fields(value, 3) is [var number] ? BinaryPrimitives.ReadInt64LittleEndian(number).ToString(CultureInfo.InvariantCulture) : "";

    /// <summary>The values of a field of a protobuf message; a number as eight bytes.</summary>
    private static List<byte[]> Fields(byte[] message, int field)
    {
        List<byte[]> found = [];
        for (var at = 0; at < message.Length;)
        {
            var tag = Varint(message, ref at);
            var value = new byte[8];
            switch (tag & 7)
            {
                case 0: BinaryPrimitives.WriteUInt64LittleEndian(value, Varint(message, ref at)); break;
                case 1: at += 8; break;
                case 2:
                    var length = (int)Varint(message, ref at);
                    value = message[at..(at += length)];
                    break;
                case 5: at += 4; break;
                default: throw new InvalidDataException($"Wire type {tag & 7}");
            }

            if ((int)(tag >> 3) == field) found.Add(value);
        }

        return found;
    }

    private static ulong Varint(byte[] message, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var part = message[at++];
            value |= (ulong)(part & 0x7f) << shift;
            if (part < 0x80) return value;
        }
    }
}

/// <param name="Parent">Empty for none.</param>
public sealed record OtlpSpan(string Service, string Name, string TraceId, string SpanId, string Parent, IReadOnlyDictionary<string, string> Attributes);
