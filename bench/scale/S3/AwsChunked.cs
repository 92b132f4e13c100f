using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace VmDataset.Bench.Scale.S3;

/// <summary>
/// Request bodies. The SDK sends most as <c>aws-chunked</c>: a line with the size of a chunk in hexadecimal digits, perhaps with a
/// signature behind a semicolon, the chunk, an empty line; at the end a chunk of no bytes and trailers.
/// </summary>
internal static class AwsChunked
{
    public static async Task CopyToAsync(HttpRequest request, Stream target)
    {
        var stop = request.HttpContext.RequestAborted;
        if (!request.Headers["x-amz-content-sha256"].ToString().StartsWith("STREAMING-", StringComparison.Ordinal))
        {
            await request.Body.CopyToAsync(target, stop);
            return;
        }

        var body = request.BodyReader;
        while (true)
        {
            var head = await LineAsync(body, stop);
            var size = int.Parse(head.Split(';')[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            if (size == 0) break;
            await CopyAsync(body, target, size, stop);
            await LineAsync(body, stop);
        }

        // The trailers.
        await request.Body.CopyToAsync(Stream.Null, stop);
    }

    private static async Task CopyAsync(PipeReader body, Stream target, int size, CancellationToken stop)
    {
        while (size > 0)
        {
            var read = await body.ReadAsync(stop);
            var part = read.Buffer.Slice(0, Math.Min(size, read.Buffer.Length));
            foreach (var segment in part) await target.WriteAsync(segment, stop);
            size -= (int)part.Length;
            body.AdvanceTo(part.End);
            if (read.IsCompleted && size > 0) throw new InvalidDataException("The body ends within a chunk.");
        }
    }

    private static async Task<string> LineAsync(PipeReader body, CancellationToken stop)
    {
        while (true)
        {
            var read = await body.ReadAsync(stop);
            var end = System.Buffers.BuffersExtensions.PositionOf(read.Buffer, (byte)'\n');
            if (end is { } found)
            {
                var line = Encoding.ASCII.GetString(read.Buffer.Slice(0, found)).TrimEnd('\r');
                body.AdvanceTo(read.Buffer.GetPosition(1, found));
                return line;
            }

            if (read.IsCompleted) throw new InvalidDataException("The body ends within a line.");
            body.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}
