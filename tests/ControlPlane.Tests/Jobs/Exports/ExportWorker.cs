using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using VmDataset.ControlPlane.Tests.Datasets;
using VmDataset.Pipeline.Exports;
using VmDataset.Pipeline.Jobs;
using VmDataset.Worker.Exports;
using VmDataset.Worker.Options;

namespace VmDataset.ControlPlane.Tests.Jobs.Exports;

/// <summary>Requests for exports, and the worker's processor of their messages, for applications without a worker.</summary>
internal static class ExportWorker
{
    public static async Task<JsonElement> PostExportAsync(this Api api, Job job, string body, HttpStatusCode expected)
    {
        using var client = api.Client();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync(new Uri($"/v1/jobs/{job.Id}/exports", UriKind.Relative), content);
        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(expected, text);
        return JsonElement.Parse(text);
    }

    public static async Task<IReadOnlyList<JsonElement>> ExportsAsync(this Api api, Job job) =>
        [.. (await api.GetAsync($"/v1/jobs/{job.Id}/exports")).GetProperty("items").EnumerateArray()];

    /// <summary>Takes the messages of exports from the queue, and makes them.</summary>
    /// <returns>How many there were.</returns>
    public static async Task<int> MakeExportsAsync(this Api api)
    {
        var token = TestContext.Current.CancellationToken;
        var processor = ActivatorUtilities.CreateInstance<ExportTaskProcessor>(api.Services, new WorkerOptions { ScratchDir = "", StateDir = "" });
        var made = 0;
        while (await api.Queue.ReceiveAsync(10, TimeSpan.FromMinutes(5), TimeSpan.Zero) is { Count: > 0 } messages)
        {
            foreach (var message in messages)
            {
                if (ExportTask.Parse(message.Body) is { } task)
                {
                    (await processor.ProcessAsync(message, task, default)).RetryAfter.ShouldBeNull();
                    made++;
                }

                await api.Queue.DeleteAsync(message, token);
            }
        }

        return made;
    }

    /// <summary>A job whose dataset is ready and exported, and all files of its data folder.</summary>
    public static async Task<SortedDictionary<string, byte[]>> ExportedAsync(this Api api, string job, string export)
    {
        var drawn = await api.DrawnAsync(job);
        await api.DatasetAsync(drawn);
        await api.PostExportAsync(drawn, export, HttpStatusCode.Accepted);
        (await api.MakeExportsAsync()).ShouldBe(1);
        var view = (await api.ExportsAsync(drawn)).ShouldHaveSingleItem();
        view.GetProperty("state").GetString().ShouldBe("ready", view.GetRawText());
        return await api.Store.FilesAsync(drawn);
    }
}
