using System.Text;
using VmDataset.Pipeline.Storage;
using VmDataset.Pipeline.Tests.DeadLetters;

namespace VmDataset.Pipeline.Tests.Storage;

/// <summary>What every adapter of <see cref="IObjectStore"/> keeps.</summary>
public abstract class ObjectStoreContract
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    protected abstract IObjectStore Store { get; }

    /// <summary>A store whose service does not answer.</summary>
    protected abstract IObjectStore OutOfReach();

    [Fact]
    public async Task Every_call_of_a_store_out_of_reach_throws_the_promised_exception()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder.Combine("file"), "x", Token);
        var store = OutOfReach();
        foreach (var call in new Func<Task>[]
        {
            () => store.PutAsync("a/b", new MemoryStream([1]), cancellationToken: Token),
            () => store.PutAsync("a/b", new MemoryStream([1]), ifAbsent: true, Token),
            () => store.PutFileAsync("a/b", folder.Combine("file"), Token),
            () => store.GetAsync("a/b", Token),
            () => store.GetStartAsync("a/b", 1, Token),
            () => store.GetRangeAsync("a/b", 1, 1, Token),
            () => store.ListAsync("a/", cancellationToken: Token).ToListAsync(Token).AsTask(),
            () => store.DeleteAsync("a/b", Token),
            () => store.DeleteManyAsync(["a/b"], Token),
        })
        {
            (await Should.ThrowAsync<ServiceUnreachableException>(call)).InnerException.ShouldNotBeNull();
        }
    }

    [Fact]
    public async Task A_stored_object_is_read_back_unchanged()
    {
        (await PutAsync("a/b/c.txt", "täxt")).ShouldBeTrue();
        using var found = await Store.GetAsync("a/b/c.txt", Token);
        found.ShouldNotBeNull();
        found.Size.ShouldBe(5);
        found.LastModified.ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
        (await ReadAsync(found)).ShouldBe("täxt");
    }

    [Fact]
    public async Task The_start_of_an_object_is_read_by_itself()
    {
        await PutAsync("start/long", new string('a', 100_000) + "b");
        await PutAsync("start/short", "abc");
        await PutAsync("start/empty", "");

        Encoding.UTF8.GetString((await Store.GetStartAsync("start/long", 5, Token))!).ShouldBe("aaaaa");
        Encoding.UTF8.GetString((await Store.GetStartAsync("start/short", 5, Token))!).ShouldBe("abc");
        (await Store.GetStartAsync("start/empty", 5, Token)).ShouldBe([]);
        (await Store.GetStartAsync("start/nothing", 5, Token)).ShouldBeNull();
    }

    [Fact]
    public async Task A_range_of_an_object_is_read_by_itself()
    {
        await PutAsync("range/long", new string('a', 100_000) + "bcd" + new string('e', 100_000));
        await PutAsync("range/short", "abc");
        await PutAsync("range/empty", "");

        Encoding.UTF8.GetString((await Store.GetRangeAsync("range/long", 99_999, 5, Token))!).ShouldBe("abcde");
        Encoding.UTF8.GetString((await Store.GetRangeAsync("range/short", 1, 5, Token))!).ShouldBe("bc");
        (await Store.GetRangeAsync("range/short", 3, 5, Token)).ShouldBe([]);
        (await Store.GetRangeAsync("range/empty", 0, 5, Token)).ShouldBe([]);
        (await Store.GetRangeAsync("range/nothing", 0, 5, Token)).ShouldBeNull();
    }

    [Fact]
    public async Task A_file_is_stored_whole_and_replaces()
    {
        using var folder = new TemporaryFolder();
        await PutAsync("from/file", "old");
        await File.WriteAllTextAsync(folder.Combine("new"), "new content", Token);
        await Store.PutFileAsync("from/file", folder.Combine("new"), Token);
        (await ReadAsync((await Store.GetAsync("from/file", Token))!)).ShouldBe("new content");
        await Should.ThrowAsync<FileNotFoundException>(() => Store.PutFileAsync("from/nothing", folder.Combine("nothing"), Token));
        (await KeysAsync("from/")).ShouldBe(["from/file"]);
    }

    [Fact]
    public async Task A_key_without_object_is_null_and_deleting_it_no_error()
    {
        (await Store.GetAsync("nothing/here", Token)).ShouldBeNull();
        await Store.DeleteAsync("nothing/here", Token);
    }

    [Fact]
    public async Task A_prefix_is_no_object()
    {
        await PutAsync("folder/file", "x");
        (await Store.GetAsync("folder", Token)).ShouldBeNull();
    }

    [Fact]
    public async Task Put_replaces_unless_told_to_put_only_if_absent()
    {
        await PutAsync("key", "one");
        (await PutAsync("key", "two")).ShouldBeTrue();
        (await PutAsync("key", "three", ifAbsent: true)).ShouldBeFalse();
        (await ReadAsync((await Store.GetAsync("key", Token))!)).ShouldBe("two");
    }

    [Fact]
    public async Task Exactly_one_of_many_simultaneous_puts_if_absent_succeeds()
    {
        // Once is not enough: who looks first and then moves wins alone nearly always.
        foreach (var race in Enumerable.Range(0, 20))
        {
            var won = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => PutAsync($"race/{race}", $"{i}", ifAbsent: true))));
            won.Count(static first => first).ShouldBe(1);
            (await ReadAsync((await Store.GetAsync($"race/{race}", Token))!)).ShouldBe($"{Array.IndexOf(won, true)}");
        }
    }

    [Fact]
    public async Task A_deleted_object_is_gone()
    {
        await PutAsync("gone/soon", "x");
        await Store.DeleteAsync("gone/soon", Token);
        (await Store.GetAsync("gone/soon", Token)).ShouldBeNull();
        (await KeysAsync("gone/")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_deletion_of_many_objects_removes_all_of_them_and_no_other()
    {
        foreach (var i in Enumerable.Range(0, 12)) await PutAsync($"many/{i % 3}/{i}", "x");
        await Store.DeleteManyAsync([.. Enumerable.Range(0, 11).Select(static i => $"many/{i % 3}/{i}"), "many/never/there"], Token);
        await Store.DeleteManyAsync([], Token);
        (await KeysAsync("many/")).ShouldBe(["many/2/11"]);
    }

    [Fact]
    public async Task Puts_and_deletes_of_neighbours_do_not_disturb_each_other()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(async () =>
        {
            foreach (var turn in Enumerable.Range(0, 20))
            {
                await PutAsync($"busy/folder/{i}", $"{turn}");
                await Store.DeleteManyAsync([$"busy/folder/{i}"], Token);
            }

            await PutAsync($"busy/folder/{i}", "last");
        }, Token)));
        (await KeysAsync("busy/")).Count.ShouldBe(8);
    }

    [Fact]
    public async Task A_listing_is_in_byte_order_and_can_be_continued()
    {
        // '-' and '.' sort before '/', digits and letters after: a folder must not be walked in the order of its bare name.
        string[] keys = ["l/a-b/1", "l/a.txt", "l/a/1", "l/a/2", "l/a0", "l/b/c/d", "l/B"];
        foreach (var key in keys.Reverse()) await PutAsync(key, "x");
        await PutAsync("la/outside", "x");
        var ordered = keys.Order(StringComparer.Ordinal).ToList();

        (await KeysAsync("l/")).ShouldBe(ordered);
        (await KeysAsync("l/a/")).ShouldBe(["l/a/1", "l/a/2"]);
        (await KeysAsync("none/")).ShouldBeEmpty();
        foreach (var key in ordered) (await KeysAsync("l/", key)).ShouldBe(ordered.SkipWhile(other => other != key).Skip(1));
        (await KeysAsync("l/", "l/a/1zzz")).ShouldBe(ordered.Where(key => string.CompareOrdinal(key, "l/a/1zzz") > 0));
    }

    [Fact]
    public async Task A_listing_may_be_longer_than_a_page()
    {
        var keys = Enumerable.Range(0, 1_203).Select(i => $"many/{i:D5}").ToList();
        await Parallel.ForEachAsync(keys, Token, async (key, _) => await PutAsync(key, "x"));
        (await KeysAsync("many/")).ShouldBe(keys);
    }

    [Fact]
    public async Task A_listed_object_has_its_size_and_time()
    {
        await PutAsync("sized/one", "12345");
        var entry = (await ListAsync("sized/", null)).ShouldHaveSingleItem();
        entry.Size.ShouldBe(5);
        entry.LastModified.ShouldBe(DateTimeOffset.UtcNow, TimeSpan.FromMinutes(1));
    }

    [Theory]
    [InlineData("")]
    [InlineData("/absolute")]
    [InlineData("../up")]
    [InlineData("a/../../up")]
    [InlineData("a//b")]
    [InlineData("a/./b")]
    [InlineData("a/")]
    [InlineData("nul\0")]
    public async Task Keys_that_lead_elsewhere_are_refused(string key)
    {
        await Should.ThrowAsync<ArgumentException>(() => PutAsync(key, "x"));
        await Should.ThrowAsync<ArgumentException>(() => Store.GetAsync(key, Token));
        await Should.ThrowAsync<ArgumentException>(() => Store.DeleteAsync(key, Token));
    }

    protected async Task<bool> PutAsync(string key, string text, bool ifAbsent = false)
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes(text));
        return await Store.PutAsync(key, content, ifAbsent, Token);
    }

    protected async Task<List<string>> KeysAsync(string prefix, string? startAfter = null) =>
        [.. (await ListAsync(prefix, startAfter)).Select(static entry => entry.Key)];

    private async Task<List<ObjectEntry>> ListAsync(string prefix, string? startAfter)
    {
        List<ObjectEntry> entries = [];
        await foreach (var entry in Store.ListAsync(prefix, startAfter, Token)) entries.Add(entry);
        return entries;
    }

    private static async Task<string> ReadAsync(StoredObject found)
    {
        using (found)
        {
            using var reader = new StreamReader(found.Content);
            return await reader.ReadToEndAsync(Token);
        }
    }
}
