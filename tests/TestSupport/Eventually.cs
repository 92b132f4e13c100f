namespace VmDataset.Tests;

/// <summary>Waits for what happens elsewhere: polls until it is true, and fails when it is not in time.</summary>
public static class Eventually
{
    public static async Task<T> GetAsync<T>(Func<Task<T>> read, Func<T, bool> isThere, TimeSpan? within = null)
    {
        var end = DateTime.UtcNow + (within ?? TimeSpan.FromSeconds(60));
        while (true)
        {
            var value = await read();
            if (isThere(value)) return value;
            if (DateTime.UtcNow > end) throw new TimeoutException($"It did not come true in time; the last value was: {value}");
            await Task.Delay(20);
        }
    }

    public static Task BeTrueAsync(Func<Task<bool>> condition, TimeSpan? within = null) => GetAsync(condition, static value => value, within);
}
