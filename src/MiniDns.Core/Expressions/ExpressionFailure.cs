using System.Globalization;
using System.Runtime.CompilerServices;

namespace MiniDns.Expressions;

/// <summary>What went wrong, put together only when the context wants to know.</summary>
[InterpolatedStringHandler]
public ref struct ExpressionFailure
{
    private readonly bool _isWanted;
    private DefaultInterpolatedStringHandler _text;

    /// <summary>Starts a message.</summary>
    /// <param name="literalLength">How many characters are the same each time.</param>
    /// <param name="formattedCount">How many values there are.</param>
    /// <param name="context">The context that is told.</param>
    /// <param name="isWanted">False when it does not want to know.</param>
    public ExpressionFailure(int literalLength, int formattedCount, ExpressionContext context, out bool isWanted)
    {
        isWanted = _isWanted = context.WantsProblems;
        _text = isWanted ? new DefaultInterpolatedStringHandler(literalLength, formattedCount, CultureInfo.InvariantCulture) : default;
    }

    /// <summary>Adds text.</summary>
    public void AppendLiteral(string value) => _text.AppendLiteral(value);

    /// <summary>Adds a value.</summary>
    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

    /// <summary>Adds text of an evaluation.</summary>
    public void AppendFormatted(ReadOnlySpan<char> value) => _text.AppendFormatted(value);

    /// <summary>The message; empty when it is not wanted.</summary>
    internal string Take() => _isWanted ? _text.ToStringAndClear() : "";
}
