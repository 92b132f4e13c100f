using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;

namespace VmDataset.ControlPlane.Console.Layout;

/// <summary>
/// Answers with a page or a part of one, rendered as a whole before the first byte, so that an error in it can still become an error's
/// page. <see cref="HtmlRenderer"/> alone does it: AddRazorComponents brings keys for forms and circuits, which it would write to the
/// home folder.
/// </summary>
internal sealed class PageResult(Type component, object model, int status) : IResult
{
    public static PageResult Of<TPage>(object model, int status = StatusCodes.Status200OK)
        where TPage : ComponentBase => new(typeof(TPage), model, status);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var services = httpContext.RequestServices;
        var context = services.GetRequiredService<PageContexts>().Of(httpContext);
        await using var renderer = new HtmlRenderer(services, services.GetRequiredService<ILoggerFactory>());
        var html = await renderer.Dispatcher.InvokeAsync(async () => (await renderer.RenderComponentAsync<Frame>(
            ParameterView.FromDictionary(new Dictionary<string, object?>
            {
                [nameof(Frame.Context)] = context,
                [nameof(Frame.Component)] = component,
                [nameof(Frame.Model)] = model,
            }))).ToHtmlString());
        var response = httpContext.Response;
        response.StatusCode = status;
        response.ContentType = "text/html; charset=utf-8";
        PageHeaders.Set(httpContext);
        await response.WriteAsync(html, httpContext.RequestAborted);
    }
}
