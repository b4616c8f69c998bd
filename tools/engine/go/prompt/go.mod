module neurodefender.local/engine/prompt

go 1.26.0
