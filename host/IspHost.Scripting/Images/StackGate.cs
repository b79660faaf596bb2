using System.Collections.Immutable;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace IspHost.Scripting.Images;

/// <summary>Follows what the instructions of one method leave on the stack: no number becomes an object, an address or code.</summary>
/// <remarks>
/// The just-in-time compiler believes what it compiles, so a number where a reference is due would reach any memory. Kinds are told
/// apart and not types: that an object is of the class that a call names is the compile worker's word.
/// </remarks>
sealed class StackGate(StackMembers members, MethodBodyBlock body, ImmutableArray<StackKind> parameters, StackKind result)
{
    readonly ImmutableArray<StackKind> locals = members.Locals(body);
    readonly Dictionary<int, ImmutableArray<StackKind>> arrivals = [];
    readonly List<StackKind> stack = [];
    bool isConstrained, isReached = true;

    /// <returns>What is wrong with the method, to stand behind its name; or null.</returns>
    public string? Refuse()
    {
        foreach (var region in body.ExceptionRegions)
            arrivals[region.HandlerOffset] = region.Kind == ExceptionRegionKind.Catch ? [StackKind.Object] : [];
        var code = body.GetILReader();
        try
        {
            while (code.RemainingBytes > 0)
                Step(ref code);
            return null;
        }
        catch (Mixed mixed)
        {
            return $"takes something for what it is not, by {mixed.Message}";
        }
    }

    void Step(ref BlobReader code)
    {
        Arrive(code.Offset);
        var instruction = CodeGate.Read(ref code);
        switch (instruction.FlowControl)
        {
            case FlowControl.Branch or FlowControl.Cond_Branch:
                Branch(ref code, instruction);
                break;
            case FlowControl.Return or FlowControl.Throw:
                Leave(instruction);
                break;
            case FlowControl.Meta:
                isConstrained |= instruction == OpCodes.Constrained;
                CodeGate.Operand(ref code, instruction, Send);
                break;
            case FlowControl.Call:
                Call(MetadataTokens.EntityHandle(code.ReadInt32()), instruction);
                break;
            default:
                Plain(ref code, instruction);
                break;
        }
    }

    /// <summary>What comes by a jump must be what comes from above. Behind a jump nothing comes from above.</summary>
    void Arrive(int offset)
    {
        if (arrivals.TryGetValue(offset, out var arrived))
        {
            if (isReached && !stack.SequenceEqual(arrived))
                throw new Mixed("a jump");
            stack.Clear();
            stack.AddRange(arrived);
        }
        else if (!isReached)
        {
            stack.Clear();
        }

        isReached = true;
        arrivals[offset] = [.. stack];
    }

    void Branch(ref BlobReader code, OpCode instruction)
    {
        if (instruction.StackBehaviourPop is StackBehaviour.Pop1_pop1)
            Pop(Pop(), instruction);
        else if (instruction.StackBehaviourPop is not StackBehaviour.Pop0)
            Pop();
        if (instruction.Name!.StartsWith("leave", StringComparison.Ordinal))
            stack.Clear();
        CodeGate.Operand(ref code, instruction, Send);
        isReached = instruction.FlowControl == FlowControl.Cond_Branch;
    }

    void Send(int target)
    {
        if (!arrivals.TryGetValue(target, out var known))
            arrivals[target] = [.. stack];
        else if (!stack.SequenceEqual(known))
            throw new Mixed("a jump");
    }

    void Leave(OpCode instruction)
    {
        if (instruction == OpCodes.Ret && result != StackKind.Nothing)
            Pop(result, instruction);
        else if (instruction == OpCodes.Throw)
            Pop(StackKind.Object, instruction);
        isReached = false;
    }

    void Call(EntityHandle method, OpCode instruction)
    {
        var (owner, signature) = members.Method(method);
        var given = StackMembers.Parameters(owner, signature);
        var isNew = instruction == OpCodes.Newobj;
        if (isConstrained)
            given = given.SetItem(0, StackKind.Reference);
        isConstrained = false;
        for (var i = given.Length - 1; i >= (isNew ? 1 : 0); i--)
            Pop(given[i], instruction);
        Push(isNew ? owner.Kind : signature.ReturnType.Kind);
    }

    void Plain(ref BlobReader code, OpCode instruction)
    {
        switch (instruction.OperandType)
        {
            case OperandType.InlineField:
                Field(members.Field(Token(ref code)), instruction);
                break;
            case OperandType.InlineType:
                Typed(members.Type(Token(ref code)).Kind, instruction);
                break;
            case OperandType.InlineMethod:
                code.Offset += 4;
                if (instruction == OpCodes.Ldvirtftn)
                    Pop(StackKind.Object, instruction);
                Push(StackKind.Code);
                break;
            case OperandType.InlineTok:
                code.Offset += 4;
                Push(StackKind.Value);
                break;
            default:
                if (!TryVariable(ref code, instruction))
                {
                    CodeGate.Operand(ref code, instruction, Send);
                    Computed(instruction);
                }

                break;
        }
    }

    static EntityHandle Token(ref BlobReader code) => MetadataTokens.EntityHandle(code.ReadInt32());

    bool TryVariable(ref BlobReader code, OpCode instruction)
    {
        var words = instruction.Name!.Split('.');
        var kinds = words[0].EndsWith("arg", StringComparison.Ordinal) || words[0] == "ldarga" ? parameters : locals;
        if (words[0] is not ("ldarg" or "ldloc" or "starg" or "stloc" or "ldarga" or "ldloca"))
            return false;
        var place = instruction.OperandType switch
        {
            OperandType.ShortInlineVar => code.ReadByte(),
            OperandType.InlineVar => code.ReadUInt16(),
            _ => words[1][0] - '0',
        };
        var kind = place < kinds.Length ? kinds[place] : throw new BadImageFormatException();
        if (words[0] is "starg" or "stloc")
            Pop(kind, instruction);
        else
            Push(words[0].EndsWith('a') ? StackKind.Reference : kind);
        return true;
    }

    void Field(StackKind kind, OpCode instruction)
    {
        var (isStatic, isStore) = (instruction.Name![2] == 's', instruction.Name.StartsWith("st", StringComparison.Ordinal));
        if (isStore)
            Pop(kind, instruction);
        if (!isStatic && Pop() is not (StackKind.Object or StackKind.Reference or StackKind.Value))
            throw new Mixed(instruction);
        if (!isStore)
            Push(instruction.Name.EndsWith('a') ? StackKind.Reference : kind);
    }

    /// <summary>What each takes, the last first, and leaves.</summary>
    void Typed(StackKind kind, OpCode instruction) => Exchange(instruction, instruction.Name switch
    {
        "ldobj" => ([StackKind.Reference], kind),
        "stobj" => ([kind, StackKind.Reference], StackKind.Nothing),
        "initobj" => ([StackKind.Reference], StackKind.Nothing),
        "box" => ([kind], StackKind.Object),
        "unbox" => ([StackKind.Object], StackKind.Reference),
        "unbox.any" => ([StackKind.Object], kind),
        "castclass" or "isinst" => ([StackKind.Object], StackKind.Object),
        "newarr" => ([StackKind.Number], StackKind.Object),
        "ldelema" => ([StackKind.Number, StackKind.Object], StackKind.Reference),
        "ldelem" => ([StackKind.Number, StackKind.Object], kind),
        "stelem" => ([kind, StackKind.Number, StackKind.Object], StackKind.Nothing),
        _ => throw new Mixed(instruction),
    });

    void Computed(OpCode instruction)
    {
        var words = instruction.Name!.Split('.');
        var kind = words[^1] == "ref" ? StackKind.Object : StackKind.Number;
        Exchange(instruction, words[0] switch
        {
            "nop" => ([], StackKind.Nothing),
            "ldnull" or "ldstr" => ([], StackKind.Object),
            "ldc" => ([], StackKind.Number),
            "dup" => ([Peek(instruction)], Push(Peek(instruction))),
            "pop" => ([Peek(instruction)], StackKind.Nothing),
            "ldind" => ([StackKind.Reference], kind),
            "stind" => ([kind, StackKind.Reference], StackKind.Nothing),
            "ldelem" => ([StackKind.Number, StackKind.Object], kind),
            "stelem" => ([kind, StackKind.Number, StackKind.Object], StackKind.Nothing),
            "ldlen" => ([StackKind.Object], StackKind.Number),
            "conv" or "neg" or "not" or "ckfinite" => ([StackKind.Number], StackKind.Number),
            "ceq" or "cgt" or "clt" => ([Peek(instruction), Peek(instruction)], StackKind.Number),
            "add" or "sub" or "mul" or "div" or "rem" or "and" or "or" or "xor" or "shl" or "shr"
                => ([StackKind.Number, StackKind.Number], StackKind.Number),
            _ => throw new Mixed(instruction),
        });
    }

    void Exchange(OpCode instruction, (StackKind[] Taken, StackKind Left) kinds)
    {
        foreach (var kind in kinds.Taken)
            Pop(kind, instruction);
        Push(kinds.Left);
    }

    StackKind Push(StackKind kind)
    {
        if (kind != StackKind.Nothing)
            stack.Add(kind);
        return kind;
    }

    void Pop(StackKind kind, OpCode instruction)
    {
        if (Pop() != kind)
            throw new Mixed(instruction);
    }

    StackKind Pop()
    {
        var kind = stack.Count > 0 ? stack[^1] : throw new BadImageFormatException();
        stack.RemoveAt(stack.Count - 1);
        return kind;
    }

    StackKind Peek(OpCode instruction) => stack.Count > 0 ? stack[^1] : throw new Mixed(instruction);

    sealed class Mixed(string what) : Exception(what)
    {
        public Mixed(OpCode instruction) : this($"the instruction {instruction.Name}")
        {
        }
    }
}
