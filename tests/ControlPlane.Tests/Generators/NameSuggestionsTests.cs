using VmDataset.ControlPlane.Generators;

namespace VmDataset.ControlPlane.Tests.Generators;

public sealed class NearNamesTests
{
    private static readonly string[] Names = ["chess-task-data-generator", "maze-data-generator", "sudoku", "sudoku-2", "tetris"];

    [Theory]
    [InlineData("chess", "chess-task-data-generator")]
    [InlineData("chess_task_data_generator", "chess-task-data-generator")]
    [InlineData("Tetris", "tetris")]
    [InlineData("tertis", "tetris")]
    [InlineData("sudoku", "sudoku,sudoku-2")]
    [InlineData("nothing-like-it", "")]
    [InlineData("x", "")]
    public void Suggestions_are_the_names_that_somebody_may_have_meant(string wanted, string expected) =>
        string.Join(',', NameSuggestions.To(wanted, Names)).ShouldBe(expected);
}
