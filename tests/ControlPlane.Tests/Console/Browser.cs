using System.Net;
using AngleSharp;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;

namespace VmDataset.ControlPlane.Tests.Console;

/// <summary>A browser without JavaScript, which keeps cookies and sends forms. It holds every page to the rules of all pages.</summary>
internal sealed class Browser(Api api) : IDisposable
{
    private const int MaxPageBytes = 100_000;

    public HttpClient Client { get; } = api.Client();

    public async Task<IDocument> GetAsync(string path, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var answer = await Client.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        return await ReadAsync(answer, expected);
    }

    /// <summary>A part of a page, as the page itself asks for it.</summary>
    public async Task<string> GetPartAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("HX-Request", "true");
        using var answer = await Client.SendAsync(request, TestContext.Current.CancellationToken);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Sends a form with its own fields, and with others in their place or beside them.</summary>
    public Task<HttpResponseMessage> SendAsync(IElement form, params IReadOnlyList<(string Name, string Value)> fields)
    {
        var own = form.QuerySelectorAll("input[name], select[name], textarea[name]").Select(Field).OfType<(string, string)>()
            .Where(field => fields.All(other => other.Name != field.Item1));
        return PostAsync(form.GetAttribute("action")!, [.. own, .. fields]);
    }

    public async Task<HttpResponseMessage> PostAsync(string path, params IReadOnlyList<(string Name, string Value)> fields)
    {
        using var content = new FormUrlEncodedContent(fields.Select(static field => KeyValuePair.Create(field.Name, field.Value)));
        return await Client.PostAsync(new Uri(path, UriKind.Relative), content, TestContext.Current.CancellationToken);
    }

    /// <summary>Sends a form and follows the answer to the page that it leads to.</summary>
    public async Task<IDocument> FollowAsync(IElement form, params IReadOnlyList<(string Name, string Value)> fields)
    {
        using var answer = await SendAsync(form, fields);
        if (answer.StatusCode != HttpStatusCode.SeeOther) return await ReadAsync(answer, answer.StatusCode);
        return await GetAsync(answer.Headers.Location!.OriginalString);
    }

    public static async Task<IDocument> ReadAsync(HttpResponseMessage answer, HttpStatusCode expected)
    {
        var html = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        answer.StatusCode.ShouldBe(expected, html);
        answer.Content.Headers.ContentType!.ToString().ShouldBe("text/html; charset=utf-8");
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
        var policy = answer.Headers.GetValues("Content-Security-Policy").ShouldHaveSingleItem();
        policy.ShouldStartWith("default-src 'none'; script-src 'self'; style-src 'self';");
        policy.ShouldNotContain("unsafe");
        html.Length.ShouldBeLessThan(MaxPageBytes);
        var page = await BrowsingContext.New().OpenAsync(request => request.Content(html));
        page.QuerySelectorAll("style, [style], script:not([src])").ShouldBeEmpty();
        page.All.SelectMany(static element => element.Attributes).Where(static attribute => attribute.Name.StartsWith("on", StringComparison.Ordinal))
            .ShouldBeEmpty();
        page.QuerySelectorAll("h1").Length.ShouldBe(1);
        page.QuerySelectorAll("form[method=post]").ShouldAllBe(static form => form.QuerySelector("input[name=form_token]") != null);
        return page;
    }

    public void Dispose() => Client.Dispose();

    private static (string, string)? Field(IElement field) => field switch
    {
        IHtmlInputElement { Type: "checkbox" or "radio", IsChecked: false } => null,
        IHtmlInputElement input => (input.Name!, input.Value),
        IHtmlSelectElement select => (select.Name!, select.Value ?? ""),
        IHtmlTextAreaElement area => (area.Name!, area.Value),
        _ => null,
    };
}

internal static class ElementText
{
    /// <summary>The words of an element and those within it, with single spaces.</summary>
    public static string Words(this INode? element) => string.Join(' ', (element?.Descendants<IText>() ?? [])
        .SelectMany(static text => text.Data.Split(default(char[]), StringSplitOptions.RemoveEmptyEntries)));
}
