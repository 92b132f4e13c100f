using VmDataset.Pipeline.Planning;

namespace VmDataset.ControlPlane.Planning;

/// <summary>Time and cost of jobs, before and while they run.</summary>
internal static class PlanningSetup
{
    public static void AddPlanning(this WebApplicationBuilder builder, SettingsBinder settings) => builder.Services
        .AddSingleton(settings.Bind(new PlanningOptions()))
        .AddSingleton(PriceList.Current)
        .AddSingleton<MeasurementStore>()
        .AddSingleton<MeasurementRecorder>()
        .AddSingleton<CalibrationReader>()
        .AddSingleton<PlanService>()
        .AddSingleton<UsageReader>()
        .AddSingleton<ActualViewer>()
        .AddSingleton<LimitGuard>();
}
