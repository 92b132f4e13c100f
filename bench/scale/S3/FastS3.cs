using System.Globalization;
using System.Text;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;

namespace VmDataset.Bench.Scale.S3;

/// <summary>
/// An S3 of one bucket, which counts. It knows what the product calls, by path-style addresses, and checks no signature. Large bodies lie
/// in a folder.
/// </summary>
internal sealed class FastS3(string folder)
{
    public const string BucketName = "bench";
    private const string Root = $"/{BucketName}";

    private long _lists;
    private long _reads;
    private long _writes;

    public Bucket Bucket { get; } = new();

    public Calls Calls => new(Interlocked.Read(ref _lists), Interlocked.Read(ref _reads), Interlocked.Read(ref _writes));

    private Uploads Uploads => field ??= new Uploads(Bucket, Directory.CreateDirectory(folder).FullName);

    /// <param name="http">The request.</param>
    /// <param name="latency">Ends when the answer may begin.</param>
    public async Task AnswerAsync(HttpContext http, Task latency)
    {
        var (request, path) = (http.Request, http.Request.Path.Value ?? "/");
        var key = path.StartsWith($"{Root}/", StringComparison.Ordinal) ? path[(Root.Length + 1)..] : "";
        if (!path.StartsWith(Root, StringComparison.Ordinal))
        {
            await ErrorAsync(http, latency, 404, "NoSuchBucket");
            return;
        }

        switch (request.Method, key.Length > 0)
        {
            case ("GET", false):
                Interlocked.Increment(ref _lists);
                await ListAsync(http, latency);
                break;
            case ("GET" or "HEAD", true):
                Interlocked.Increment(ref _reads);
                await ReadAsync(http, latency, key);
                break;
            case ("PUT" or "POST" or "DELETE", _):
                Interlocked.Increment(ref _writes);
                await WriteAsync(http, latency, key);
                break;
            default:
                await ErrorAsync(http, latency, 501, "NotImplemented");
                break;
        }
    }

    private async Task ListAsync(HttpContext http, Task latency)
    {
        var query = http.Request.Query;
        var (prefix, max) = (query["prefix"].ToString(), int.TryParse(query["max-keys"], out var asked) ? Math.Min(asked, 1_000) : 1_000);
        var after = Text(query["continuation-token"]) ?? Text(query["start-after"]);
        var (page, hasMore) = Bucket.List(prefix, after, max);
        var xml = new StringBuilder("<ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">", 400 * (page.Count + 1));
        xml.Append(CultureInfo.InvariantCulture, $"<Name>{BucketName}</Name><Prefix>{prefix}</Prefix><KeyCount>{page.Count}</KeyCount>")
            .Append(CultureInfo.InvariantCulture, $"<MaxKeys>{max}</MaxKeys><IsTruncated>{(hasMore ? "true" : "false")}</IsTruncated>");
        if (hasMore) xml.Append("<NextContinuationToken>").Append(page[^1].Key).Append("</NextContinuationToken>");
        foreach (var each in page)
            xml.Append("<Contents><Key>").Append(each.Key).Append("</Key><LastModified>")
                .Append(CultureInfo.InvariantCulture, $"{each.At:yyyy-MM-ddTHH:mm:ss.000Z}</LastModified><ETag>{each.ETag}</ETag>")
                .Append(CultureInfo.InvariantCulture, $"<Size>{each.Size}</Size><StorageClass>STANDARD</StorageClass></Contents>");
        await XmlAsync(http, latency, xml.Append("</ListBucketResult>").ToString());
    }

    private async Task ReadAsync(HttpContext http, Task latency, string key)
    {
        if (Bucket.Find(key) is not { } found)
        {
            await ErrorAsync(http, latency, 404, "NoSuchKey");
            return;
        }

        var (from, count) = (0L, found.Size);
        var range = http.Request.GetTypedHeaders().Range?.Ranges.SingleOrDefault();
        if (range is { From: { } first })
        {
            if (first >= found.Size)
            {
                await ErrorAsync(http, latency, 416, "InvalidRange");
                return;
            }

            (from, count) = (first, Math.Min(found.Size, (range.To ?? found.Size) + 1) - first);
            http.Response.StatusCode = 206;
            http.Response.Headers.ContentRange = $"bytes {from}-{from + count - 1}/{found.Size}";
        }

        http.Response.Headers.ETag = found.ETag;
        http.Response.Headers.LastModified = found.At.ToString("R", CultureInfo.InvariantCulture);
        http.Response.Headers.AcceptRanges = "bytes";
        http.Response.ContentType = "application/octet-stream";
        http.Response.ContentLength = count;
        await latency;
        if (http.Request.Method == "HEAD") return;
        await using var content = found.Open();
        content.Position = from;
        var buffer = new byte[Math.Min(count, 1 << 17)];
        while (count > 0)
        {
            var read = await content.ReadAsync(buffer.AsMemory(0, (int)Math.Min(count, buffer.Length)), http.RequestAborted);
            if (read == 0) throw new EndOfStreamException(key);
            await http.Response.Body.WriteAsync(buffer.AsMemory(0, read), http.RequestAborted);
            count -= read;
        }
    }

    private async Task WriteAsync(HttpContext http, Task latency, string key)
    {
        var (request, query) = (http.Request, http.Request.Query);
        switch (request.Method)
        {
            case "PUT" when query.ContainsKey("partNumber"):
                http.Response.Headers.ETag = await Uploads.PartAsync(request, query["uploadId"]!, query["partNumber"]!);
                await latency;
                break;
            case "PUT" when await Uploads.PutAsync(request, key) is { } written:
                http.Response.Headers.ETag = written.ETag;
                await latency;
                break;
            case "PUT":
                await ErrorAsync(http, latency, 412, "PreconditionFailed");
                break;
            case "POST" when query.ContainsKey("uploads"):
                await XmlAsync(http, latency, new XElement("InitiateMultipartUploadResult", new XElement("Bucket", BucketName),
                    new XElement("Key", key), new XElement("UploadId", Uploads.Begin())).ToString());
                break;
            case "POST" when query.ContainsKey("uploadId"):
                var completed = await Uploads.CompleteAsync(key, query["uploadId"]!);
                await XmlAsync(http, latency, new XElement("CompleteMultipartUploadResult", new XElement("Bucket", BucketName),
                    new XElement("Key", key), new XElement("ETag", completed.ETag)).ToString());
                break;
            case "POST" when query.ContainsKey("delete"):
                using (var body = new MemoryStream())
                {
                    await AwsChunked.CopyToAsync(request, body);
                    body.Position = 0;
                    foreach (var each in XDocument.Load(body).Descendants().Where(static element => element.Name.LocalName == "Key"))
                        Bucket.Delete(each.Value);
                }

                await XmlAsync(http, latency, "<DeleteResult/>");
                break;
            case "DELETE":
                if (query.ContainsKey("uploadId")) Uploads.Abort(query["uploadId"]!);
                else Bucket.Delete(key);
                await latency;
                http.Response.StatusCode = 204;
                break;
            default:
                await ErrorAsync(http, latency, 501, "NotImplemented");
                break;
        }
    }

    private static Task ErrorAsync(HttpContext http, Task latency, int status, string code)
    {
        http.Response.StatusCode = status;
        return XmlAsync(http, latency, $"<Error><Code>{code}</Code><Message>{code}</Message></Error>");
    }

    private static async Task XmlAsync(HttpContext http, Task latency, string xml)
    {
        var bytes = Encoding.UTF8.GetBytes(xml);
        await latency;
        http.Response.ContentType = "application/xml";
        http.Response.ContentLength = bytes.Length;
        if (http.Request.Method != "HEAD") await http.Response.Body.WriteAsync(bytes, http.RequestAborted);
    }

    private static string? Text(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
