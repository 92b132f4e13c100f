using Microsoft.Playwright;

namespace VmDataset.EndToEnd.Tests.Console;

/// <summary>A server with a job that succeeded and one in which samples fail, and Chromium to look at its pages.</summary>
public sealed class ConsoleServer : IAsyncLifetime
{
    private readonly Server _server = new(Server.Misbehaving);
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public Server Server => _server;

    public string Succeeded { get; private set; } = "";

    public string Failed { get; private set; } = "";

    public IBrowser Browser => _browser ?? throw new InvalidOperationException("There is no browser.");

    public async ValueTask InitializeAsync()
    {
        Assert.SkipWhen(Chromium is null, "Chromium is not installed: scripts/setup.sh installs Debian's package where it may.");
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Chromium, Args = ["--no-sandbox"] });
        await _server.StartAsync();
        Succeeded = await _server.SubmitAsync(new { generators = new[] { "ok-generator" }, samples = 30, seed = 3 });
        Failed = await _server.SubmitAsync(new { generators = new[] { "ok-generator", "raises-generator" }, samples = 10, batch_size = 5, seed = 42 });
        await _server.EndOfAsync(Succeeded);
        await _server.EndOfAsync(Failed);
        await _server.DatasetAsync(Succeeded);
    }

    /// <summary>A page of the server's, and what its console complains of.</summary>
    public async Task<(IPage Page, List<string> Complaints)> OpenAsync(string path, BrowserNewContextOptions? options = null)
    {
        options ??= new BrowserNewContextOptions();
        options.BaseURL = _server.Client.BaseAddress!.AbsoluteUri;
        var context = await Browser.NewContextAsync(options);
        context.SetDefaultTimeout(60_000);
        var page = await context.NewPageAsync();
        List<string> complaints = [];
        page.Console += (_, message) =>
        {
            if (message.Type == "error") complaints.Add(message.Text);
        };
        page.PageError += (_, error) => complaints.Add(error);
        await page.GotoAsync(path);
        return (page, complaints);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.DisposeAsync();
        _playwright?.Dispose();
        await _server.DisposeAsync();
    }

    private static string? Chromium { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .SelectMany(static folder => new[] { "chromium", "chromium-browser", "google-chrome" }.Select(name => Path.Combine(folder, name)))
        .FirstOrDefault(File.Exists);
}
