using VmDataset.ControlPlane.Console.Catalogue;
using VmDataset.ControlPlane.Console.Exports;
using VmDataset.ControlPlane.Console.Galleries;
using VmDataset.ControlPlane.Console.Home;
using VmDataset.ControlPlane.Console.Layout;
using VmDataset.ControlPlane.Console.NewJob;
using VmDataset.ControlPlane.Console.Operations;
using VmDataset.ControlPlane.Console.Runs;
using VmDataset.ControlPlane.Console.SignIn;

namespace VmDataset.ControlPlane.Console;

/// <summary>Pages for people, rendered on the server. They ask the services of the API's endpoints, under the same roles.</summary>
internal static class ConsoleSetup
{
    public static void AddConsole(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<PageContexts>();
        builder.Services.AddSingleton<IProblemPage, ProblemPages>();
        builder.Services.AddSingleton<HomeReader>();
        builder.Services.AddSingleton<RunReader>();
        builder.Services.AddSingleton<NewJobReader>();
        builder.Services.AddSingleton<SampleDrawer>();
        builder.Services.AddSingleton<CatalogueReader>();
        builder.Services.AddSingleton<OperationsReader>();
    }

    public static void MapConsole(this IEndpointRouteBuilder app)
    {
        app.MapAssets();
        var pages = app.MapConsoleGroup();
        pages.MapHome();
        pages.MapNewJob();
        pages.MapRuns();
        pages.MapGalleries();
        pages.MapExportPages();
        pages.MapCatalogue();
        pages.MapOperations();
        pages.MapSignIn();
    }
}
