using System.Net;
using Amazon.S3;
using Amazon.S3.Model;
using Amazon.S3.Transfer;
using VmDataset.Pipeline.Storage;

namespace VmDataset.Pipeline.Aws;

/// <summary>An object store in an S3 bucket. The SDK retries what is throttled (503 SlowDown).</summary>
public sealed class S3ObjectStore(IAmazonS3 s3, AwsOptions options, TimeProvider time, RecordWarnings? warnings = null) : IObjectStore,
    IDisposable
{
    // A large shard goes up in parts, in parallel; the bucket's lifecycle rule removes parts of an upload that died.
    private const long MultipartFrom = 64 << 20;
    private const int ConditionalTries = 5;
    private const int MaxDeletes = 1_000;
    private const int FullPage = 1_000;
    private const int FirstKeys = 100;

    private readonly TransferUtility _transfer = new(
        s3, new TransferUtilityConfig { MinSizeBeforePartUpload = MultipartFrom, ConcurrentServiceRequests = 4 });

    public Task<bool> PutAsync(string key, Stream content, bool ifAbsent = false, CancellationToken cancellationToken = default)
    {
        ObjectKey.Check(key);
        return ReachingAsync(key, async () =>
        {
            if (ifAbsent) return await PutIfAbsentAsync(key, content, cancellationToken);
            await _transfer.UploadAsync(new TransferUtilityUploadRequest
            {
                BucketName = options.Bucket,
                Key = key,
                InputStream = content,
                AutoCloseStream = false,
                AutoResetStreamPosition = false,
            }, cancellationToken);
            return true;
        });
    }

    public Task PutFileAsync(string key, string path, CancellationToken cancellationToken = default)
    {
        ObjectKey.Check(key);
        if (!File.Exists(path)) throw new FileNotFoundException($"'{path}' is not there.", path);
        return ReachingAsync(key, async () =>
        {
            // Of a stream the SDK sends the parts one after another.
            await _transfer.UploadAsync(
                new TransferUtilityUploadRequest { BucketName = options.Bucket, Key = key, FilePath = path }, cancellationToken);
            return true;
        });
    }

    public Task<StoredObject?> GetAsync(string key, CancellationToken cancellationToken = default)
    {
        ObjectKey.Check(key);
        return ReachingAsync(key, async () =>
        {
            try
            {
                var found = await s3.GetObjectAsync(options.Bucket, key, cancellationToken);
                return new StoredObject(found.ResponseStream, found.ContentLength, Utc(found.LastModified));
            }
            catch (AmazonS3Exception exception) when (exception.ErrorCode == "NoSuchKey")
            {
                return null;
            }
        });
    }

    public Task<byte[]?> GetStartAsync(string key, int bytes, CancellationToken cancellationToken = default) =>
        GetRangeAsync(key, 0, bytes, cancellationToken);

    public async Task<byte[]?> GetRangeAsync(string key, long start, int bytes, CancellationToken cancellationToken = default)
    {
        ObjectKey.Check(key);
        var request = new GetObjectRequest { BucketName = options.Bucket, Key = key, ByteRange = new ByteRange(start, start + bytes - 1) };
        return await ReachingAsync(key, async () =>
        {
            try
            {
                using var found = await s3.GetObjectAsync(request, cancellationToken);
                using var range = new MemoryStream((int)Math.Clamp(found.ContentLength, 0, bytes));
                await found.ResponseStream.CopyToAsync(range, cancellationToken);
                return range.Length == range.Capacity ? range.GetBuffer() : range.ToArray();
            }
            catch (AmazonS3Exception exception) when (exception.ErrorCode == "NoSuchKey")
            {
                return null;
            }
            catch (AmazonS3Exception exception) when (exception.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                // It ends before.
                return [];
            }
        });
    }

    public async IAsyncEnumerable<ObjectEntry> ListAsync(
        string prefix, string? startAfter = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var request = new ListObjectsV2Request
        {
            BucketName = options.Bucket,
            Prefix = ObjectKey.CheckPrefix(prefix),
            StartAfter = startAfter,
            // A caller that starts behind a key mostly needs the few keys behind it. A full page is 1,000 keys, some 350 kB.
            MaxKeys = startAfter is null ? FullPage : FirstKeys,
        };
        do
        {
            var page = await ReachingAsync(prefix, () => s3.ListObjectsV2Async(request, cancellationToken));
            foreach (var entry in page.S3Objects ?? [])
            {
                // Such as the empty objects ending in '/' that S3's console makes for folders.
                if (ObjectKey.IsValid(entry.Key))
                    yield return new ObjectEntry(entry.Key, entry.Size ?? 0, Utc(entry.LastModified)) { Tag = entry.ETag ?? "" };
                else warnings?.Foreign(entry.Key);
            }

            request.ContinuationToken = page.NextContinuationToken;
            request.MaxKeys = FullPage;
        }
        while (request.ContinuationToken is not null);
    }

    public Task DeleteAsync(string key, CancellationToken cancellationToken = default)
    {
        ObjectKey.Check(key);
        return ReachingAsync(key, () => s3.DeleteObjectAsync(options.Bucket, key, cancellationToken));
    }

    public async Task DeleteManyAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken = default)
    {
        foreach (var chunk in keys.Chunk(MaxDeletes))
        {
            var request = new DeleteObjectsRequest
            {
                BucketName = options.Bucket,
                Objects = [.. chunk.Select(static key => new KeyVersion { Key = ObjectKey.Check(key) })],
                Quiet = true,
            };
            // Keys are refused one by one; the SDK throws if any was.
            await ReachingAsync(chunk[0], () => s3.DeleteObjectsAsync(request, cancellationToken));
        }
    }

    public Uri? DownloadLink(string key, TimeSpan validFor) => !options.PresignedLinks ? null
        : new Uri(s3.GetPreSignedURL(new GetPreSignedUrlRequest
        {
            BucketName = options.Bucket,
            Key = ObjectKey.Check(key),
            Verb = HttpVerb.GET,
            Expires = (time.GetUtcNow() + validFor).UtcDateTime,
            Protocol = options.EndpointUrl is { Scheme: "http" } ? Protocol.HTTP : Protocol.HTTPS,
        }));

    public void Dispose() => _transfer.Dispose();

    private async Task<bool> PutIfAbsentAsync(string key, Stream content, CancellationToken cancellationToken)
    {
        var start = content.Position;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await s3.PutObjectAsync(new PutObjectRequest
                {
                    BucketName = options.Bucket,
                    Key = key,
                    InputStream = content,
                    AutoCloseStream = false,
                    AutoResetStreamPosition = false,
                    IfNoneMatch = "*",
                }, cancellationToken);
                return true;
            }
            catch (AmazonS3Exception exception) when (exception.StatusCode == HttpStatusCode.PreconditionFailed)
            {
                return false;
            }
            catch (AmazonS3Exception exception) when (exception.StatusCode == HttpStatusCode.Conflict && attempt < ConditionalTries)
            {
                // Two conditional writes met: S3 asks the loser to try again, and then answers that the key is taken.
                content.Position = start;
            }
        }
    }

    private static Task<T> ReachingAsync<T>(string key, Func<Task<T>> call) => AwsClients.ReachingAsync($"S3 at '{key}'", call);

    private static DateTimeOffset Utc(DateTime? time) => new(time!.Value.ToUniversalTime());
}
