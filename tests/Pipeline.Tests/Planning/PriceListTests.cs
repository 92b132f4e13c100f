using VmDataset.Pipeline.Planning;

namespace VmDataset.Pipeline.Tests.Planning;

public class PriceListTests
{
    [Fact]
    public void Every_region_has_plausible_prices()
    {
        PriceList.Current.Regions.Keys.ShouldBe(["us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1"], ignoreOrder: true);
        foreach (var (region, prices) in PriceList.Current.Regions)
        {
            prices.LambdaX86GbSecond.ShouldBeInRange(1e-5, 3e-5, region);
            prices.GbSecond(FunctionArchitecture.Arm64).ShouldBeLessThan(prices.GbSecond(FunctionArchitecture.X8664), region);
            prices.LambdaRequest.ShouldBeInRange(1e-7, 4e-7, region);
            prices.SqsRequest.ShouldBeInRange(3e-7, 6e-7, region);
            prices.S3Put.ShouldBeInRange(4e-6, 8e-6, region);
            prices.S3Get.ShouldBeLessThan(prices.S3Put, region);
            prices.S3GbMonth.ShouldBeInRange(0.02, 0.03, region);
        }
    }

    [Fact]
    public void The_list_says_its_date_its_sources_and_what_it_leaves_out()
    {
        PriceList.Current.Published.ShouldBe(new DateOnly(2026, 9, 30));
        PriceList.Current.Sources.ShouldNotBeEmpty();
        PriceList.Current.Excluded.ShouldContain("taxes, discounts and savings plans");
    }

    [Fact]
    public void A_region_without_prices_is_refused_with_those_that_have_some() =>
        Should.Throw<ArgumentException>(() => PriceList.Current.For("mars-1")).Message
            .ShouldContain("region is 'mars-1'; allowed: ap-northeast-1, eu-west-1, us-east-1, us-west-2.");
}
