using System.Globalization;

namespace MiniDns.Zones;

/// <summary>Something found wrong or doubtful in a zone's data, and where.</summary>
/// <param name="IsError">True when the zone cannot be served; false for a warning.</param>
/// <param name="File">The file's name as it was given or included.</param>
/// <param name="Line">The line, from 1; 0 when no line is to blame.</param>
/// <param name="Column">The column in octets, from 1.</param>
/// <param name="Message">What is wrong and what would be right.</param>
public sealed record ZoneProblem(bool IsError, string File, int Line, int Column, string Message)
{
    /// <summary><c>file:line:column: error: message</c>; without line and column where there are none.</summary>
    public override string ToString()
    {
        string place = Line == 0 ? File : string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}");
        return $"{place}: {(IsError ? "error" : "warning")}: {Message}";
    }
}
